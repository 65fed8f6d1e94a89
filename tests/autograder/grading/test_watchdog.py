"""The watchdog ends what passes a limit, and what it can't watch."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from autograder.grading import watchdog
from autograder.grading.settings import Limits
from autograder.grading.watchdog import Watchdog

TIMEOUT = 30  # seconds; a busy machine is slow


@pytest.fixture
def process(monkeypatch):
    monkeypatch.setattr(watchdog, "DISK_PERIOD", 1)
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.fixture
def watch(process, tmp_path):
    """Starts a watchdog on a process that only sleeps."""
    watchdogs = []

    def start(**limits):
        dog = Watchdog(process.pid, tmp_path, Limits(**limits), process.kill)
        watchdogs.append(dog)
        dog.start()
        return dog

    yield start
    for dog in watchdogs:
        dog.stop()
        dog.join(TIMEOUT)


def why_ended(dog, process):
    assert process.wait(TIMEOUT) == -9
    dog.join(TIMEOUT)
    return dog.reason


def put_in_place_of_du(folder, monkeypatch, script):
    """Let `du` be this shell script."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "du").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "du").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


DENIED = """echo "du: cannot read directory '/x/locked': Permission denied" >&2"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (f"{DENIED}; echo 4096 /x; exit 1", "hid files"),
        (f"{DENIED}; exec sleep 50", "hid files"),
        ("echo nonsense", "could not be watched any more (ValueError)"),
        ("exit 1", "could not be watched any more (IndexError)"),
        ("echo 2000000000 /x", "512 MB to disk"),
    ],
)
def test_a_folder_that_can_not_be_measured_is_a_reason(
    script, reason, process, watch, tmp_path, monkeypatch
):
    put_in_place_of_du(tmp_path, monkeypatch, script)
    assert reason in why_ended(watch(), process)


def test_a_walk_through_the_folder_that_does_not_end_is_a_reason(
    process, watch, tmp_path, monkeypatch
):
    put_in_place_of_du(tmp_path, monkeypatch, "exec sleep 50")
    monkeypatch.setattr(watchdog, "DISK_TIMEOUT", 0.5)
    assert why_ended(watch(), process) == "It made more files than can be counted."


def test_files_that_vanish_under_a_walk_are_no_reason_however_many(
    process, watch, tmp_path, monkeypatch
):
    line = "du: cannot access '/x/gone': No such file or directory"
    complaints = (
        f"yes \"{line}\" | head -n 5000 >&2; echo 4096 /x; touch '{tmp_path}/ended'; exit 1"
    )
    put_in_place_of_du(tmp_path, monkeypatch, complaints)
    dog = watch()
    end = time.monotonic() + TIMEOUT
    while not (tmp_path / "ended").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(1)
    assert dog.is_alive() and process.poll() is None and dog.reason == ""


def test_without_du_nothing_runs(process, watch, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "could not be watched any more (FileNotFoundError)" in why_ended(watch(), process)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError, "It could not be watched any more (OSError)."),
        (PermissionError, "It hid files from the grader."),
    ],
)
def test_an_error_of_the_watch_is_a_reason(error, reason, process, watch, monkeypatch):
    def fails(*_):
        raise error

    monkeypatch.setattr(watchdog, "_open_files", fails)
    assert why_ended(watch(), process) == reason


def test_a_process_whose_files_can_not_be_read_is_a_reason_unless_it_is_about_to_end(
    process, watch, monkeypatch
):
    def denied(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(watchdog.os, "scandir", denied)
    own = [watchdog.psutil.Process(process.pid)]
    with pytest.raises(PermissionError):
        watchdog._open_files(own)
    process.kill()
    time.sleep(0.5)  # it is a zombie now: nobody may read what it had open, and that is nothing
    assert watchdog._open_files(own) == (0, 0)


def test_what_is_sent_to_this_process_has_a_limit(process, watch, monkeypatch):
    monkeypatch.setattr(watchdog, "MAX_HELD", 100 * 2**20)
    dog = watch()
    time.sleep(0.5)
    assert dog.reason == "" and process.poll() is None
    held = b"1" * (200 * 2**20)
    assert why_ended(dog, process) == "It sent more than can be held."
    del held
