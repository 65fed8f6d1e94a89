"""The pytest plugin with the fixtures that need more than one submission: `draw`."""

from __future__ import annotations

import pytest

from autograder.checks.draw import Draw


@pytest.fixture
def draw(request: pytest.FixtureRequest, seed: int, device: str) -> Draw:
    """Inputs that are drawn afresh for this run and this check."""
    return Draw(seed, request.node.name, device)
