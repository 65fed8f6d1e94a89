"""Do names of files and folders mean the right class, or none?"""

import pytest

from course_lib.class_names import class_of, subject_of_file

ANIMALS = ("king penguin", "hot dog", "Samoyed", "crane", "T-shirt/top", "crane")
DIGITS = tuple(str(k) for k in range(10))
MNIST = ("0 - zero", "1 - one", "7 - seven")
NUMBERED = ("class_1", "class_2", "class_3", "class_10")
WORDNET = ("n01443537", "n01629819", "n02056570")


@pytest.mark.parametrize(
    ("name", "classes", "index"),
    [
        ("King-Penguin", ANIMALS, 0),
        ("king_penguin", ANIMALS, 0),
        ("145_king_penguin", ANIMALS, 0),
        ("king penguin 2", ANIMALS, 0),
        ("12_king_penguin07", ANIMALS, 0),
        ("samoyed", ANIMALS, 2),
        ("T-shirt top", ANIMALS, 4),
        ("penguin", ANIMALS, None),
        ("dog", ANIMALS, None),
        ("", ANIMALS, None),
        ("crane", ANIMALS, None),  # the bird, or the machine?
        ("003_crane", ANIMALS, 3),
        ("005_crane", ANIMALS, 5),
        ("7", DIGITS, 7),
        ("0", DIGITS, 0),
        ("12", DIGITS, None),
        ("class_3", NUMBERED, 2),
        ("class 10", NUMBERED, 3),
        ("class_1", NUMBERED, 0),
        ("class_4", NUMBERED, None),
        ("n01629819", WORDNET, 1),
        ("n99999999", WORDNET, None),
        ("7 - seven", MNIST, 2),
        ("seven", MNIST, 2),
        ("7", MNIST, 2),
        ("7 - seven", DIGITS, 7),
    ],
)
def test_a_name_means_a_class(name, classes, index):
    assert class_of(name, classes) == index


@pytest.mark.parametrize(
    ("stem", "classes", "index"),
    [
        ("7", DIGITS, None),  # the seventh file, or a seven?
        ("0007", DIGITS, None),
        ("3_7", DIGITS, None),
        ("7 - seven", MNIST, 2),
        ("class_3", NUMBERED, 2),
        ("class_3_17", NUMBERED, 2),
        ("145_king_penguin", ANIMALS, 0),
    ],
)
def test_a_file_s_name_that_is_a_number_names_no_class(stem, classes, index):
    assert class_of(stem, classes, is_file=True) == index


def test_the_subject_of_a_file_is_its_name_without_numbers():
    subjects = [subject_of_file(stem) for stem in ("cat", "12_cat_3", "cat2", "king-penguin", "7")]
    assert subjects == ["cat", "cat", "cat", "king penguin", "7"]
