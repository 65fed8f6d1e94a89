"""The demo makes its folder anew, and no other."""

import pytest

from autograder.course.demo import make_class
from autograder.errors import CourseError


def test_an_earlier_demo_is_made_anew(tmp_path):
    folder = tmp_path / "demo"
    make_class(folder, "saliency")
    (folder / "gradebook.db").write_text("of the earlier demo")
    who = make_class(folder, "saliency")
    assert not (folder / "gradebook.db").exists()
    assert set(who) == {path.name for path in (folder / "submitted").iterdir()}


@pytest.mark.parametrize("config", ["configure(get_config())\n", None])
def test_what_was_not_made_by_a_demo_is_left_alone(tmp_path, config):
    (tmp_path / "notes.txt").write_text("years of work")
    if config:
        (tmp_path / "nbgrader_config.py").write_text(config)
    with pytest.raises(CourseError, match="would be lost: name another one"):
        make_class(tmp_path, "saliency")
    assert (tmp_path / "notes.txt").read_text() == "years of work"
