"""Errors that a student meets: in a notebook they are one sentence, without a traceback."""

from __future__ import annotations

__all__ = ["ClassifierNotAvailable", "DataNotFound", "NotApplicable", "OneSentence"]


class OneSentence(Exception):
    """An error whose message says all: what was seen, what was expected, what to do."""

    def _render_traceback_(self) -> list[str]:
        """Lines for IPython: the message without the traceback."""
        return [f"✗ {self}"]


class ClassifierNotAvailable(OneSentence, RuntimeError):
    """The name is unknown, or the weights are not here and can't be downloaded."""


class DataNotFound(OneSentence, RuntimeError):
    """The images are not here and can't be downloaded."""


class NotApplicable(OneSentence, ValueError):
    """A method or a study has no meaning for this model or for these images."""
