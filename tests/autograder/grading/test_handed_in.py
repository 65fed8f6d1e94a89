"""What is read of a submission: ordinary files within limits, and nothing by a link."""

from __future__ import annotations

import os
import socket

import pytest

from autograder.errors import CourseError
from autograder.grading import handed_in
from autograder.grading.handed_in import data_files, read_handed_in

NOTEBOOK = b"{}"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "submitted"
    (folder / "data").mkdir(parents=True)
    (folder / "work.ipynb").write_bytes(NOTEBOOK)
    (folder / "data" / "cat.txt").write_text("meow")
    return folder


def test_the_notebook_and_its_data_files_are_read_and_unpacked(folder, tmp_path):
    found = read_handed_in(folder, "work", "ada")
    assert (found.student, found.notebook, found.files) == (
        "ada",
        NOTEBOOK,
        {"data/cat.txt": b"meow"},
    )
    found.unpack(tmp_path / "copy")
    assert (tmp_path / "copy" / "data" / "cat.txt").read_text() == "meow"


def test_what_python_would_import_and_hidden_files_are_left(folder):
    for name in ("torch.py", "fast.so", "other.ipynb", ".secret", "site.pth"):
        (folder / name).write_text("")
    assert dict(data_files(folder)) == {"data/cat.txt": b"meow"}


def test_links_and_files_that_are_no_files_are_left(folder, tmp_path):
    (tmp_path / "secret").write_text("solution")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "itself").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        assert dict(data_files(folder)) == {"data/cat.txt": b"meow"}


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/etc/passwd", path)]
)
def test_a_notebook_that_is_no_ordinary_file_gets_a_sentence(folder, make):
    (folder / "work.ipynb").unlink()
    make(folder / "work.ipynb")
    with pytest.raises(CourseError, match=r"work\.ipynb can't be read"):
        read_handed_in(folder, "work", "ada")


def test_all_files_together_have_a_limit(folder, monkeypatch):
    monkeypatch.setattr(handed_in, "FILE_BYTES", 10)
    with (folder / "sparse").open("wb") as file:
        file.truncate(2**40)  # takes no disk, and would take all memory
    assert dict(data_files(folder)) == {}  # it comes first, and is more than all may be together
    (folder / "sparse").unlink()
    (folder / "data" / "dog.txt").write_text("0123456789")
    assert dict(data_files(folder)) == {"data/cat.txt": b"meow"}


def test_the_digest_is_of_the_notebook_and_of_all_files(folder):
    digests = {read_handed_in(folder, "work", "ada").digest}
    (folder / "data" / "cat.txt").write_text("purr")
    digests.add(read_handed_in(folder, "work", "ada").digest)
    (folder / "data" / "cat.txt").rename(folder / "data" / "dog.txt")
    digests.add(read_handed_in(folder, "work", "ada").digest)
    (folder / "work.ipynb").write_bytes(b"{ }")
    digests.add(read_handed_in(folder, "work", "ada").digest)
    assert len(digests) == 4
