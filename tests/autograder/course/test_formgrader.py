"""formgrader's buttons grade in the jail and show the points: for an assignment of any course."""

from __future__ import annotations

import nbformat
import pytest

from autograder.course.release import release
from autograder.course.submissions import fill_in
from autograder.course.verdicts import read_verdicts
from tests.autograder.course.small import NAME, make_course
from tests.browser import IN_A_BROWSER, jupyter_server, open_page

pytestmark = [*IN_A_BROWSER, pytest.mark.jail]

HALF_RIGHT = """
# %% grade_id="total"
def total(numbers):
    return sum(numbers)

# %% grade_id="why_twelve"
It has many divisors.
"""


@pytest.fixture
def course(tmp_path):
    """A course with one submission that nobody has graded."""
    course = make_course(tmp_path)
    assignment = course.assignment(NAME)
    release(assignment, course)
    path = tmp_path / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(fill_in(assignment.release, HALF_RIGHT), path)
    return course


def test_its_button_grades_and_its_pages_show_the_points_and_why(course):
    with jupyter_server(course.root) as address, open_page() as page:
        page.goto(address.format("login"))
        page.goto(address.format(f"formgrader/manage_submissions/{NAME}"))
        page.locator(".autograde a").click()
        page.get_by_text("3 / 18").wait_for()  # its row is made anew with the points
        assert read_verdicts(course.root, NAME)["ada"].score == 3

        page.goto(address.format(f"formgrader/gradebook/{NAME}/{NAME}"))
        page.locator("a.name-hidden").click()
        page.get_by_text("0 of 5 points").wait_for()
