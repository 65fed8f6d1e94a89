"""The report's figures, by hand from four students; and hostile text that must stay text."""

import csv
import hashlib
import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.course.course import Course
from autograder.course.grades import CellGrade, Grade, Person
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.report import write_report
from autograder.course.standings import Student
from autograder.course.summary import ClassSummary
from autograder.course.verdicts import write_verdict
from autograder.errors import CourseError
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict
from tests.autograder.course.small import NAME, make_course

HOSTILE = (
    "</td></script></title><script>alert(1)</script><img src=x onerror=alert(1)>"
    "\" onload='alert(2)' x=\"{{ 7*7 }}"
)


def check(name, points, status="passed", message="", misconception=None):
    return CheckResult(name, points, status, message, misconception)


def answers(
    one="passed", batch="passed", spans="passed", misconception=None, message="", notes=()
) -> Verdict:
    """A verdict on two questions: 2 + 3 points for maps, 5 for their normalisation."""
    maps = [
        check("test_maps_of_one_image", 2.0, one, message),
        check("test_maps_of_a_batch", 3.0, batch, message, misconception),
    ]
    norm = [check("test_each_map_spans_zero_to_one", 5.0, spans)]
    cells = [CellVerdict("test_maps", 5.0, maps), CellVerdict("test_normalize", 5.0, norm)]
    return Verdict(NAME, "", "bubblewrap", "cpu", 1.5, cells, list(notes))


CLASS = {
    "ada": answers(),
    "bob": answers(batch="failed", misconception="signed_gradient"),
    "cem": answers(one="failed", batch="failed", misconception="signed_gradient"),
    "dee": answers(one="error", batch="timeout", spans="not_run"),
}


def save(root: Path, verdicts: dict[str, Verdict], *lines: str) -> Course:
    """A course with verdicts that are not in a gradebook; `lines` are more of its configuration."""
    course = make_course(root, *lines)
    for student, verdict in verdicts.items():
        verdict.submission = student
        write_verdict(course.root, verdict)
    return course


def graded(root: Path, verdicts: dict[str, Verdict], *lines: str) -> Course:
    """The same, recorded in the gradebook: 10 points from checks, and 30 for written answers."""
    course = save(root, verdicts, *lines)
    steps = NbgraderSteps(course)
    with steps.gradebook() as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        for grade_id, points, kind in [
            ("test_maps", 5, "code"),
            ("test_normalize", 5, "code"),
            ("why_sum", 10, "markdown"),
            ("which_quantity", 20, "markdown"),
        ]:
            of = {"notebook": NAME, "assignment": NAME}
            gradebook.add_grade_cell(grade_id, **of, max_score=points, cell_type=kind)
        for verdict in verdicts.values():
            steps.record_points(gradebook, verdict)
    return course


def summary_of(verdicts: dict[str, Verdict]) -> ClassSummary:
    """The class whose gradebook has what the checks gave, and no written answers."""
    students = []
    for name, content in verdicts.items():
        cells = [CellGrade(c.grade_id, c.score, c.max_score, c.score) for c in content.cells]
        students.append(Student(Person(name), content, Grade(tuple(cells))))
    return ClassSummary(NAME, students)


class Page(HTMLParser):
    """A page's tags with the names of their attributes, its addresses, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, [name for name, _ in attributes]))
        self.addresses += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def page_of(course: Course) -> Page:
    return Page(write_report(course, NAME).read_text(encoding="utf-8"))


def rows_of(course: Course) -> list[dict[str, str]]:
    scores = write_report(course, NAME).with_suffix(".csv")
    with scores.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_figures_of_the_class():
    summary = summary_of(CLASS)  # 10, 7, 5 and 0 points of 10
    assert summary.mean == 5.5
    assert summary.median == 6
    assert summary.full_marks == 1
    assert summary.max_score == 10


def test_only_dee_needs_attention():
    students = summary_of(CLASS).students
    assert [s.name for s in students if s.needs_attention] == ["dee"]


def test_no_points_at_all_needs_attention_even_when_every_check_finished():
    (student,) = summary_of({"eve": answers("failed", "failed", "failed")}).students
    assert student.needs_attention


def test_distribution_keeps_full_marks_apart():
    assert summary_of(CLASS).distribution() == [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1]


def test_checks_are_counted_in_the_order_of_the_assignment():
    maps, norm = summary_of(CLASS).questions()
    assert [(c.title, c.wrong, c.unfinished) for c in maps.checks.values()] == [
        ("maps of one image", 1, 1),
        ("maps of a batch", 2, 1),
    ]
    assert [(c.title, c.wrong, c.unfinished) for c in norm.checks.values()] == [
        ("each map spans zero to one", 0, 1)
    ]
    assert (maps.mean, norm.mean) == (1.75, 3.75)
    assert (maps.full_marks, norm.full_marks) == (1, 3)


def test_misconceptions_come_with_their_students_once_and_the_most_common_first():
    twice = answers("failed", "failed", misconception="squeezed")
    twice.cells[0].checks[0].misconception = "squeezed"
    found = summary_of({"zoe": twice, **CLASS}).misconceptions()
    assert [(m.name, [s.name for s in m.students]) for m in found] == [
        ("signed_gradient", ["bob", "cem"]),
        ("squeezed", ["zoe"]),
    ]


def test_page_shows_a_row_and_the_reasons_of_each_student(tmp_path):
    wrong = answers(batch="failed", message="Expected (5, 8, 8).", notes=["A cell was restored."])
    page = page_of(save(tmp_path, {**CLASS, "fay": wrong}))
    assert sum(tag == "tr" and "id" in names for tag, names in page.tags) == 5
    for text in "fay", "Expected (5, 8, 8).", "A cell was restored.":
        assert text in page.text


@pytest.mark.parametrize(
    ("feedback", "address"),
    [
        ("feedback", "../feedback/a%20b%23c/counting/counting.html"),
        ("pages/for students", "../pages/for%20students/a%20b%23c/counting/counting.html"),
    ],
)
def test_page_links_to_the_feedback_that_exists(tmp_path, feedback, address):
    line = f'c.CourseDirectory.feedback_directory = "{feedback}"'
    course = save(tmp_path, {"a b#c": answers(), "dan": answers()}, line)
    page = tmp_path / feedback / "a b#c" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert [link for link in page_of(course).addresses if not link.startswith("#")] == [address]


def test_each_of_two_mistakes_in_one_check_is_counted():
    both = answers(batch="failed", misconception="squeezed")
    both.cells[0].checks[1].further = ["signed_gradient"]
    summary = summary_of({"zoe": both, **CLASS})
    found = {entry.name: len(entry.students) for entry in summary.misconceptions()}
    assert found == {"signed_gradient": 3, "squeezed": 1}
    (zoe,) = [student for student in summary.students if student.person.id == "zoe"]
    assert zoe.misconceptions == ["squeezed", "signed_gradient"]


def test_page_gives_the_hint_of_a_known_misconception(tmp_path):
    wrong = answers(batch="failed", misconception="counted_tens", message="50 is wrong.")
    page = page_of(save(tmp_path, {"ada": wrong}))
    assert "This counts tens: the question asks for dozens." in page.text


def test_text_from_a_submission_adds_no_element_and_no_attribute(tmp_path):
    def course(name, text):
        content = answers("failed", "failed", misconception=text, message=text, notes=[text])
        content.jail = content.device = text
        content.cells[0].grade_id = text
        content.cells[0].checks[0].name = text
        return save(tmp_path / name, {text.replace("/", "∕"): content})

    harmless, hostile = page_of(course("harmless", "words")), page_of(course("hostile", HOSTILE))
    assert hostile.tags == harmless.tags
    assert hostile.text.count("<script>alert(1)</script>") >= 5, "shown as text"
    assert "{{ 7*7 }}" in hostile.text


def test_policy_admits_the_page_s_own_script_and_style_only(tmp_path):
    html = write_report(save(tmp_path, CLASS), NAME).read_text(encoding="utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    policy = unescape(policy)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind in "script", "style":
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r"\sstyle=|https?:", html)


def test_control_characters_and_broken_unicode_are_replaced(tmp_path):
    course = save(tmp_path, {"ada": answers(notes=["NOTE"])})
    path = tmp_path / "verdicts" / NAME / "ada.json"
    path.write_text(path.read_text().replace("NOTE", r"a\u001b[31m\u202eb\ud800c"))
    assert "a\ufffd[31m\ufffdb\ufffdc" in page_of(course).text


def test_scores_as_csv(tmp_path):
    ada, bob, *_ = rows_of(graded(tmp_path, CLASS))
    assert ada["score"] == "10.0"
    assert ada["max_score"] == "40.0"
    assert (ada["checks"], ada["written"], ada["to_grade"]) == ("10.0", "0.0", "2")
    assert (ada["state"], ada["reason"]) == (
        "not final",
        "Not final: 2 answers wait for a person to grade.",
    )
    assert (bob["maps"], bob["normalize"], bob["why_sum"]) == ("2.0", "5.0", "")
    order = list(bob)
    assert order[order.index("maps") :] == [
        "maps",
        "normalize",
        "which_quantity",
        "why_sum",
        "reason",
    ]


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_no_name_is_a_formula_to_a_spreadsheet(tmp_path, name):
    assert rows_of(save(tmp_path, {name: answers()}))[0]["student"] == f"'{name}"


def test_a_student_without_a_gradebook_entry_has_no_grade_whatever_the_verdict_says(tmp_path):
    course = save(tmp_path, CLASS)
    ada = rows_of(course)[0]
    assert (ada["state"], ada["score"]) == ("no grade", "")
    assert "the gradebook has no grade: run `autograder grade counting" in ada["reason"]


def test_a_report_makes_no_gradebook_and_changes_none(tmp_path):
    course = save(tmp_path, CLASS)
    (tmp_path / "gradebook.db").unlink()
    write_report(course, NAME)
    assert not (tmp_path / "gradebook.db").exists()
    (tmp_path / "gradebook.db").touch()
    write_report(course, NAME)
    assert (tmp_path / "gradebook.db").read_bytes() == b""
    (tmp_path / "gradebook.db").unlink()
    graded(tmp_path, CLASS)
    before = (tmp_path / "gradebook.db").read_bytes()
    write_report(course, NAME)
    assert (tmp_path / "gradebook.db").read_bytes() == before


@pytest.mark.parametrize("url", ["nonsense", "nosuchdialect://host/grades", "sqlite:///verdicts"])
def test_a_gradebook_that_can_not_be_used_is_a_sentence(tmp_path, url):
    course = save(tmp_path, CLASS, f'c.CourseDirectory.db_url = "{url}"')
    (tmp_path / "verdicts.db").write_text("no database")
    course.directory.db_url = url.replace("verdicts", f"{tmp_path}/verdicts.db")
    with pytest.raises(CourseError, match=r"gradebook \(c.CourseDirectory.db_url\) can't be used"):
        write_report(course, NAME)


def test_no_verdicts_is_a_sentence_that_says_what_to_do(tmp_path):
    with pytest.raises(CourseError, match="no verdicts .* `autograder grade counting`"):
        write_report(make_course(tmp_path), NAME)


@pytest.mark.parametrize("content", ["", "[]", '{"score": 1}', '"text"'])
def test_a_file_that_is_no_verdict_is_named(tmp_path, content):
    course = save(tmp_path, CLASS)
    (tmp_path / "verdicts" / NAME / "zed.json").write_text(content)
    with pytest.raises(CourseError, match="zed.json is not a verdict.* --student zed --force"):
        write_report(course, NAME)
