"""What a course's configuration says reaches those who grade."""

from autograder.course.nbgrader_course import Course
from autograder.grading.assignment import HOME


def test_the_folders_that_a_course_lets_submissions_read(tmp_path):
    config = tmp_path / "nbgrader_config.py"
    config.write_text((HOME / "nbgrader_config.py").read_text())
    assert Course(tmp_path).readable == ()
    config.write_text(config.read_text() + '\nc.RunAndCheck.readable = ["/data/cifar10"]\n')
    assert Course(tmp_path).readable == ("/data/cifar10",)
