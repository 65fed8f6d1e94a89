"""Reads a quiz from its YAML file, and says what is wrong with one that is not as it must be."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from autograder.errors import CourseError
from autograder.quiz.questions import POINTS, Option, Question, Quiz

TEXTS = ("title", "intro", "form", "handed_out")
OF_QUIZ = (*TEXTS, "points", "release", "questions")
OF_QUESTION = ("key", "ask", "picture", "alt", "code", "points", "right", "wrong")
OF_OPTION = ("label", "says", "why", "see", "code")
OF_WRONG = (*OF_OPTION, "name")


def load_quiz(path: Path) -> Quiz:
    """The quiz in a YAML file.

    Raises:
        CourseError: there are mistakes in it, with one line for each.
    """
    if found := problems(path):
        raise CourseError("\n".join(found))
    source = _parsed(path)
    texts = {name: source[name].strip() for name in TEXTS if name in source}
    return Quiz(questions=tuple(_question(entry, source) for entry in source["questions"]), **texts)


def problems(path: Path) -> list[str]:
    """One sentence for each mistake in a quiz's YAML file: where it is, and what to do."""
    try:
        source = _parsed(path)
    except CourseError as error:
        return [str(error)]
    return [f"{path}: {sentence}" for sentence in _mistakes(source)]


def _parsed(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise CourseError(f"{path} can't be read: {error}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or type(error).__name__
        raise CourseError(f"{path}{place} is not YAML: {reason}.") from error


def _question(entry: dict[str, Any], source: dict[str, Any]) -> Question:
    shared = {"code": entry.get("code", "")}
    right = Option(**shared | entry["right"])
    wrong = [
        Option(**{**shared, "name": _name(entry, option), **option}) for option in entry["wrong"]
    ]
    # Sorted first: shuffled from an order in which the right one comes first, the right one could be
    # computed by whoever guesses the seed.
    in_order = sorted([right, *wrong], key=lambda option: option.label)
    seed = f"{source.get('release', '')}: {entry['key']}"
    return Question(
        key=entry["key"],
        ask=entry["ask"],
        points=entry.get("points", source.get("points", POINTS)),
        options=(right, *wrong),
        shuffled=tuple(random.Random(seed).sample(in_order, len(in_order))),
        picture=entry.get("picture", ""),
        alt=entry.get("alt", ""),
    )


def _name(entry: dict[str, Any], option: dict[str, Any]) -> str:
    """The name of the misconception of a wrong option."""
    return option.get("name") or f"{entry.get('key')}_{option.get('label')}"


def _mistakes(source: Any) -> Iterator[str]:
    if not isinstance(source, dict) or not isinstance(source.get("questions"), list):
        yield "it has no questions: write `questions:` and below it one `- key: ...` for each."
        return
    yield from _unknown(source, OF_QUIZ)
    yield from _no_texts(source, TEXTS)
    yield from _no_points(source)
    if not source["questions"]:
        yield "it has no questions: write one `- key: ...` for each below `questions:`."
    keys: set[str] = set()
    names: dict[str, str] = {}
    for number, entry in enumerate(source["questions"], start=1):
        key = entry.get("key") if isinstance(entry, dict) else None
        place = f"question {key!r}" if isinstance(key, str) else f"question number {number}"
        yield from (f"{place}: {sentence}" for sentence in _of_question(entry, keys, names))


def _of_question(entry: Any, keys: set[str], names: dict[str, str]) -> Iterator[str]:
    """Mistakes in one question.

    Args:
        keys: of the questions before it.
        names: of the misconceptions before it, and their questions.
    """
    if not isinstance(entry, dict):
        yield "it is not a mapping: write `key:`, `ask:`, `right:` and `wrong:`."
        return
    key = entry.get("key")
    yield from _unknown(entry, OF_QUESTION)
    if not isinstance(key, str) or not key.isidentifier():
        yield f"its key is {key!r}: write letters, digits and underscores, with no digit first."
    elif key in keys:
        yield "its key is there twice: give each question a key of its own."
    else:
        keys.add(key)
    yield from _no_texts(entry, ("ask", "picture", "alt", "code"), required=("ask",))
    yield from _no_points(entry)
    options = []
    if isinstance(right := entry.get("right"), dict):
        yield from _of_option(right, "the right option", OF_OPTION, ("label", "says"))
        options.append(right)
    else:
        yield "it has no right option: write one below `right:`."
    if isinstance(wrong := entry.get("wrong"), list) and wrong:
        for number, option in enumerate(wrong, start=1):
            place = f"wrong option {number}"
            if not isinstance(option, dict):
                yield f"{place} is not a mapping: write `label:`, `says:` and `why:`."
                continue
            yield from _of_option(option, place, OF_WRONG, ("label", "says", "why"))
            yield from _name_twice(entry, option, names)
            options.append(option)
    else:
        yield "it has no wrong options: write at least one `- label: ...` below `wrong:`."
    labels = [str(option["label"]).strip().lower() for option in options if option.get("label")]
    for label in dict.fromkeys(label for label in labels if labels.count(label) > 1):
        yield f"the label {label!r} is there twice: give each option a label of its own."


def _of_option(
    option: dict[str, Any], place: str, known: tuple[str, ...], required: tuple[str, ...]
) -> Iterator[str]:
    sentences = [*_unknown(option, known), *_no_texts(option, known, required)]
    yield from (f"{place}: {sentence}" for sentence in sentences)


def _name_twice(
    entry: dict[str, Any], option: dict[str, Any], names: dict[str, str]
) -> Iterator[str]:
    name = str(_name(entry, option))
    if option.get("name") and not name.isidentifier():
        yield f"the name {name!r} needs letters, digits and underscores only, with no digit first."
    if name in names:
        yield (
            f"the name {name!r} is also in question {names[name]!r}: give each misconception a name "
            "of its own."
        )
    names.setdefault(name, str(entry.get("key")))


def _unknown(mapping: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in mapping:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, 1)
            meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}."
            yield f"there is no {key!r} here; {meant}"


def _no_texts(
    mapping: dict[str, Any], names: tuple[str, ...], required: tuple[str, ...] = ()
) -> Iterator[str]:
    for name in names:
        value = mapping.get(name)
        if name in required and value in (None, ""):
            yield f"it has no {name!r}: write `{name}: ...`."
        elif name in mapping and not isinstance(value, str):
            yield f"its {name!r} is {value!r}, not text: put it in quotation marks."


def _no_points(mapping: dict[str, Any]) -> Iterator[str]:
    points = mapping.get("points", POINTS)
    if type(points) not in (int, float) or not points > 0:
        yield f"its points are {points!r}: write a number above 0."
