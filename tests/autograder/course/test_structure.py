"""Every mistake in writing an assignment gets a sentence before anything is made from it."""

from __future__ import annotations

import nbformat
import pytest

from autograder.course.course import Course
from autograder.course.init import init_course
from autograder.course.new import new_assignment
from autograder.course.release import release, release_all
from autograder.course.structure import mistakes
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from tests.corpus import ASSIGNMENTS, assignment

SOLUTION = '"locked": false, "schema_version": 3, "solution": true, "task": false}\ndef'
TEST = '"grade_id": "test_root_mean_square", "locked": true, "points": 5'
WRITTEN = '"grade_id": "answer_root_mean_square", "locked": false, "points": 5'
HEADER = '{"grade": false, "grade_id": "root_mean_square"'
RIGHT = "right/another_style.py"
SOURCE = "norms.py"


@pytest.fixture
def course(tmp_path):
    """A course with one assignment, as `autograder new` writes it."""
    init_course(tmp_path / "course", empty=True)
    made = Course(tmp_path / "course")
    new_assignment(made, "norms")
    return made


def edit(course: Course, file: str, old: str, new: str) -> None:
    path = course.root / "solutions" / "norms" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_assignments_of_this_course_have_none(name):
    assert mistakes(assignment(name)) == []


def test_a_new_assignment_has_none(course):
    assert mistakes(course.assignment("norms")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        pytest.param(
            SOURCE, HEADER, HEADER.replace("{", "{,"),
            ["norms.py, line 30: the cell's metadata can't be read (Expecting property name",
             "all on this line"],
            id="a header that is not JSON",
        ),
        pytest.param(
            SOURCE, HEADER, HEADER.replace("false", "False"),
            ["line 30: the cell's metadata can't be read (Expecting value", "in JSON, all on this line"],
            id="a header in Python",
        ),
        pytest.param(
            SOURCE, '{"grade": true, ' + WRITTEN, '{"grade": True, ' + WRITTEN,
            ["the cell's metadata can't be read (Expecting value"],
            id="a written question whose header is in Python",
        ),
        pytest.param(
            SOURCE, " nbgrader=" + HEADER, " nbgrade=" + HEADER,
            ["line 30: the cell's metadata can't be read"],
            id="a header with another word",
        ),
        pytest.param(
            SOURCE, "#   kernelspec:", "#   kernelspec: [",
            ["norms.py can't be read as a notebook: ", "line 8"],
            id="YAML that does not parse",
        ),
        pytest.param(
            SOURCE, "# ---\n", "",
            ["the YAML header at the top can't be read or has no kernelspec python3"],
            id="no YAML",
        ),
        pytest.param(
            SOURCE, "#     name: python3\n", "#     name: julia\n", ["has no kernelspec python3"],
            id="another kernel",
        ),
        pytest.param(
            SOURCE, TEST, TEST.replace("points\": 5", "points\": 6"),
            ["checks.py: The checks of root_mean_square are worth 5 points, its cell 6: make the two"],
            id="points that do not add up",
        ),
        pytest.param(
            SOURCE, TEST, TEST.replace("5", "-5"),
            ["cell 'test_root_mean_square': it is worth -5 points: write a number, 0 or more"],
            id="negative points",
        ),
        pytest.param(
            SOURCE, WRITTEN, WRITTEN.replace(', "points": 5', ""),
            ["cell 'answer_root_mean_square': it is graded and has no points"],
            id="a written question without points",
        ),
        pytest.param(
            SOURCE, '"grade_id": "imports"', '"grade_id": "answer_root_mean_square"',
            ["2 cells have the grade_id 'answer_root_mean_square': give each a name of its own"],
            id="a name twice",
        ),
        pytest.param(
            SOURCE, '"grade_id": "imports", ', "", ["cell number 2: it has no grade_id"],
            id="a cell without a name",
        ),
        pytest.param(
            SOURCE, '"grade_id": "imports"', '"grade_id": "the imports"',
            ["cell 'the imports': nbgrader does not accept its metadata: 'the imports' does not match"],
            id="a name with a space",
        ),
        pytest.param(
            SOURCE, "schema_version\": 3", "schema_version\": 2",
            ["cell 'imports': nbgrader does not accept its metadata: Outdated schema version: 2"],
            id="an old schema",
        ),
        pytest.param(
            SOURCE, TEST, TEST.replace("test_", "tests_"),
            ["the solution cell 'root_mean_square' has no test: add a cell with the grade_id "
             "'test_root_mean_square'",
             "the test cell 'tests_root_mean_square' needs the name 'test_FUNCTION'"],
            id="a solution without a test",
        ),
        pytest.param(
            SOURCE, '"grade_id": "root_mean_square"', '"grade_id": "root_mean"',
            ["the solution cell 'root_mean' has no test",
             "the test cell 'test_root_mean_square' has no solution cell: add one"],
            id="a test without a solution",
        ),
        pytest.param(
            SOURCE, "### BEGIN SOLUTION", "### BEGIN SOLTUION",
            ["cell 'root_mean_square': '### BEGIN SOLTUION' is no marker: write ### BEGIN SOLUTION",
             "### END SOLUTION has no beginning: write ### BEGIN SOLUTION above it"],
            id="a marker misspelt",
        ),
        pytest.param(
            SOURCE, "<!-- ### END SOLUTION -->", "<!-- ### End Solution -->",
            ["cell 'answer_root_mean_square': '<!-- ### End Solution -->' is no marker",
             "### BEGIN SOLUTION has no end: write ### END SOLUTION"],
            id="a marker of a text misspelt",
        ),
        pytest.param(
            SOURCE, "    ### END SOLUTION\n", "", ["### BEGIN SOLUTION has no end"],
            id="a beginning without an end",
        ),
        pytest.param(
            SOURCE, "    ### END SOLUTION\n", "    ### BEGIN HIDDEN TESTS\n    ### END HIDDEN TESTS\n",
            ["### BEGIN HIDDEN TESTS stands inside of a SOLUTION that has no end"],
            id="a beginning inside of another",
        ),
        pytest.param(
            SOURCE, SOLUTION, SOLUTION.replace("true", "false"),
            ["cell 'root_mean_square': it holds a solution, but is no solution cell"],
            id="a solution in another cell",
        ),
        pytest.param(
            SOURCE, "# ### Question 1", "# ![A current](expected/current.jpg)\n#\n# ### Question 1",
            ["cell number 3: it shows expected/current.jpg, but there is no ",
             "norms/expected/current.jpg"],
            id="a picture that is not there",
        ),
        pytest.param(
            SOURCE, "def root_mean_square", "def root_of_mean_square",
            ["no cell called 'root_mean_square' defines root_mean_square"],
            id="a function that the source does not define",
        ),
        pytest.param(
            SOURCE, "import math", "import maths",
            ["the cell 'imports' can't be run (ModuleNotFoundError"],
            id="an import that fails",
        ),
        pytest.param(
            "checks.py", '("root_mean_square", points=3)', '("mean", points=3)',
            ["checks.py: test_several_numbers is about 'mean', which the source does not grade",
             "are worth 2 points, its cell 5"],
            id="a check of something else",
        ),
        pytest.param(
            "checks.py", '@check("root_mean_square", points=2)\n', "",
            ["checks.py: test_negative_numbers does not say what it is about"],
            id="a check without points",
        ),
        pytest.param(
            "checks.py", "from autograder", "from autogarder",
            ["checks.py can't be imported: ModuleNotFoundError: No module named 'autogarder"],
            id="checks that raise",
        ),
        pytest.param(
            "checks.py", "draw):", "draw, :", ["checks.py can't be imported: SyntaxError"],
            id="checks that are no Python",
        ),
        pytest.param(
            "misconceptions.py", "import misconception", "import misconceptions",
            ["misconceptions.py can't be imported: ImportError"],
            id="misconceptions that raise",
        ),
        pytest.param(
            "misconceptions.py", "test_several_numbers", "test_few_numbers",
            ["misconceptions.py: forgot_the_root is caught by 'test_few_numbers', but there is no such "
             "check: those of root_mean_square are test_negative_numbers, test_several_numbers"],
            id="a misconception caught by no check",
        ),
        pytest.param(
            "misconceptions.py", 'of="root_mean_square"', 'of="mean"',
            ["forgot_the_root is of 'mean', which is not graded: the source grades root_mean_square"],
            id="a misconception of no graded function",
        ),
        pytest.param(
            "misconceptions.py", '    """This is the mean of the squares: take the square root of it."""\n',
            "", ["forgot_the_root has no docstring: write the hint that students read"],
            id="a misconception without a hint",
        ),
        pytest.param(
            RIGHT, "for number in", "for number of",
            ["another_style.py: it is no Python (", "for number of numbers"],
            id="a right answer that is no Python",
        ),
        pytest.param(
            RIGHT, ' grade_id="root_mean_square"', "",
            ["another_style.py: it answers nothing: write # %% grade_id=", "one of root_mean_square"],
            id="a right answer to nothing",
        ),
        pytest.param(
            RIGHT, '"root_mean_square"', '"mean"',
            ["another_style.py: it answers 'mean', but the source has no cell of that name"],
            id="a right answer to another question",
        ),
    ],
)  # fmt: skip
def test_a_mistake_gets_a_sentence(course, file, old, new, words):
    edit(course, file, old, new)
    found = "\n".join(mistakes(course.assignment("norms")))
    for part in words:
        assert part in found


def test_a_misconception_caught_by_a_check_of_another_function_gets_a_sentence(course):
    source = course.root / "solutions" / "norms" / SOURCE
    cells = source.read_text().split("# %% ")
    again = "# %% ".join(cells[4:6]).replace("root_mean_square", "power")
    source.write_text("# %% ".join([*cells[:6], again, *cells[6:]]))
    edit(course, "checks.py", '("root_mean_square", points=3)', '("power", points=3)')
    found = "\n".join(mistakes(course.assignment("norms")))
    assert (
        "forgot_the_root is of 'root_mean_square', but 'test_several_numbers', which catches it, is "
        "of 'power'"
    ) in found


def test_probes_that_raise_get_a_sentence(course):
    (course.root / "solutions" / "norms" / "probes.py").write_text("raise ValueError('no')\n")
    (found,) = mistakes(course.assignment("norms"))
    assert "probes.py can't be imported: ValueError: no" in found


def test_a_source_that_is_no_text_gets_a_sentence(course):
    (course.root / "solutions" / "norms" / SOURCE).write_bytes(b"\xff\xfe\x00")
    assert (
        "norms.py can't be read: 'utf-8' codec can't decode"
        in mistakes(course.assignment("norms"))[0]
    )


def test_a_folder_whose_name_is_no_identifier_gets_a_sentence(course):
    norms = course.root / "solutions" / "norms"
    norms = norms.rename(norms.with_name("my-norms"))
    (norms / SOURCE).rename(norms / "my-norms.py")
    found = mistakes(
        Assignment(norms, course.root / "my-norms.ipynb", plugins=tuple(course.plugins))
    )
    assert found == [
        f"{norms}: rename the folder and its source to letters, digits and underscores, with no digit "
        "first."
    ]


def test_several_mistakes_get_a_sentence_each(course):
    edit(course, SOURCE, TEST, TEST.replace("5", "-5"))
    edit(course, SOURCE, '"grade_id": "imports", ', "")
    edit(course, "checks.py", "from autograder", "from autogarder")
    assert len(mistakes(course.assignment("norms"))) == 3


def test_a_release_stops_with_all_of_them_before_anything_is_written(course):
    edit(course, SOURCE, TEST, TEST.replace("5", "-5"))
    edit(course, SOURCE, '"grade_id": "imports", ', "")
    with pytest.raises(CourseError) as error:
        release(course.assignment("norms"), course)
    first, *sentences = str(error.value).splitlines()
    assert first == "norms can't be released:"
    assert len(sentences) == 2
    assert {path.name for path in course.root.iterdir()} == {"nbgrader_config.py", "solutions"}


def test_of_several_assignments_none_is_released_while_one_has_a_mistake(course):
    new_assignment(course, "angles")
    edit(course, SOURCE, TEST, TEST.replace("5", "-5"))
    assignments = [course.assignment(name) for name in ("angles", "norms")]
    with pytest.raises(CourseError, match="^norms can't be released:"):
        list(release_all(assignments, course))
    assert not (course.root / "release").exists()
    edit(course, SOURCE, TEST.replace("5", "-5"), TEST)
    made = release_all([course.assignment(name) for name in ("angles", "norms")], course)
    assert [path.stem for path in made] == ["angles", "norms"]


def test_headings_and_comments_that_are_no_markers_are_left_alone(course):
    edit(
        course, SOURCE, "# ### Question 1:", "# ### The solution\n#\n# <!-- a comment -->\n# ### Q"
    )
    edit(course, SOURCE, "    return math", "    # the solution begins here\n    return math")
    assert mistakes(course.assignment("norms")) == []
    made = release(course.assignment("norms"), course)
    assert nbformat.read(made, as_version=4).cells
