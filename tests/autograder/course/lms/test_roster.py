"""Lists of a class as LMSs export them, and people found by whatever name a download has for them."""

from __future__ import annotations

import pytest

from autograder.course.grades import Person
from autograder.course.lms.roster import Enrolled, Roster, read_roster
from autograder.errors import CourseError


def people(tmp_path, text: str) -> list[Person]:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8-sig")
    return [one.person for one in read_roster(path)]


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (
            'Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Jane",7,S7,jane,A\n',
            Person("jane", "Doe", "Jane", "", "7"),
        ),
        (
            'Student,ID,SIS Login ID,Section\n"Doe, Jane",7,jane@uni.edu,A\n',
            Person("jane@uni.edu", "Doe", "Jane", "jane@uni.edu", "7"),
        ),
        (
            'Student,ID,Section\n"Doe, Jane",7,A\n',
            Person("doe_jane_7", "Doe", "Jane", "", "7"),
        ),
        (
            "Identifier,Full name,ID number,Email address,Status\n"
            "Participant 12,Jane Doe,j7,jane@uni.edu,\n",
            Person("j7", "Doe", "Jane", "jane@uni.edu", "12"),
        ),
        (
            "First Name,Last Name,SID,Email\nJane,Doe,77,jane@uni.edu\n",
            Person("77", "Doe", "Jane", "jane@uni.edu"),
        ),
        (
            "Timestamp;Email Address;Your name\n1.3.2026 10:00;jane@uni.edu;Jane Doe\n",
            Person("jane", "Doe", "Jane", "jane@uni.edu"),
        ),
        (
            "id,first_name,last_name,email\njane,Jane,Doe,jane@uni.edu\n",
            Person("jane", "Doe", "Jane", "jane@uni.edu"),
        ),
        ("student_id\njane\n", Person("jane")),
    ],
)
def test_columns_are_known_by_their_names(tmp_path, text, person):
    assert people(tmp_path, text) == [person]


@pytest.mark.parametrize("text", ["", "\n", "colour,size\nred,1\n", "student_id\n\n"])
def test_a_list_of_nobody_is_a_sentence(tmp_path, text):
    with pytest.raises(CourseError, match="names nobody: its first line has to name columns"):
        people(tmp_path, text)


def test_an_id_that_can_be_no_folder_is_a_sentence(tmp_path):
    for name in ("../ada", "a/b", "a*", ".ada"):
        with pytest.raises(CourseError, match="can't be the name of a folder"):
            Roster().add(Enrolled(Person(name)))


@pytest.mark.parametrize(
    "word",
    ["ada", "7", "ada@uni.edu", "Ada Lovelace", "lovelaceada", "Lovelace, Ada", "ÁDA lovelace"],
)
def test_somebody_is_found_by_every_name_that_they_have(word):
    roster = Roster()
    roster.add(Enrolled(Person("ada", "Lovelace", "Ada", "ada@uni.edu", "7")))
    roster.add(Enrolled(Person("bela", "Bell", "Béla", "bela@uni.edu", "8")))
    (found,) = roster.find("", word)
    assert found.person.id == "ada"


def test_a_number_comes_before_a_name_and_nobody_is_found_by_nothing():
    roster = Roster()
    roster.add(Enrolled(Person("ada", "Love", "Ada", lms_user_id="7")))
    roster.add(Enrolled(Person("ada2", "Love", "Ada", lms_user_id="8")))
    assert [one.person.id for one in roster.find("8", "", "Ada Love")] == ["ada2"]
    assert len(roster.find("Ada Love")) == 2
    assert roster.find("", "-") == []


def test_a_second_list_adds_what_the_first_left_out():
    roster = Roster()
    roster.add(Enrolled(Person("ada", "Lovelace", "Ada")))
    roster.add(Enrolled(Person("ada", email="ada@uni.edu")))
    assert roster.people["ada"].person == Person("ada", "Lovelace", "Ada", "ada@uni.edu")
