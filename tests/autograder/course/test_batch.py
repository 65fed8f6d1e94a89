"""One submission never costs another its grade."""

from __future__ import annotations

import pytest

from autograder.course.batch import ClassGrading
from autograder.course.cluster import WorkerKilled, cluster, results
from autograder.course.release import release
from autograder.errors import CourseError
from tests.autograder.course.grading_double import grade
from tests.autograder.course.small import NAME, make_course


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_is_killed_or_raises_costs_only_its_own_submission(jobs):
    def arguments(student):
        if student == "nora":
            raise CourseError("nora's notebook can't be read")
        return (student,)

    students = ["ada", "mallory", "bela", "nora", "oscar", "carmen", "dora"]
    with cluster(jobs, scheduler=None) as client:
        found = dict(results(client, grade, students, arguments))
    assert isinstance(found.pop("nora"), CourseError)
    assert isinstance(found.pop("mallory"), WorkerKilled)
    assert isinstance(found.pop("oscar"), ZeroDivisionError)
    assert found == {who: f"{who} is graded" for who in ("ada", "bela", "carmen", "dora")}


def test_a_release_that_students_hold_is_never_replaced_by_grading(tmp_path):
    """The gradebook is new, as in a clone, and the source has changed since the release."""
    course = make_course(tmp_path)
    assignment = course.assignment(NAME)
    held = release(assignment, course).read_bytes()
    (tmp_path / "gradebook.db").unlink()
    text = assignment.source_path.read_text()
    assignment.source_path.write_text(text.replace("Why twelve?", "Why a dozen?"))
    course.folder(course.directory.submitted_directory, "ada", NAME).mkdir(parents=True)
    grading = ClassGrading(tmp_path, NAME)
    with pytest.raises(CourseError, match="is not the release that .* makes now"), grading:
        pass
    assert assignment.release_path.read_bytes() == held
