"""Jobs run in other processes, and one that ends its process takes no other job with it."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from autograder.errors import CourseError
from autograder.verify.workers import Job, run_jobs
from tests.autograder.verify.example import make_assignment

pytestmark = pytest.mark.slow  # processes that import torch


def tell(assignment, number):
    if number < 0:
        os._exit(1)
    if number == 0:
        raise CourseError("nothing")
    return assignment.name, number, os.getpid()


def test_each_job_has_its_own_result_also_beside_one_that_ends_its_process(tmp_path):
    jobs = [Job("numbers", tell, (number,)) for number in (1, -1, 0, 2)]
    results = dict(run_jobs(make_assignment(tmp_path), jobs, workers=1))
    one, ended, raised, two = (results[job] for job in jobs)
    assert one[:2] == ("squares", 1) and two[:2] == ("squares", 2)
    assert one[2] != os.getpid()
    assert type(ended).__name__ == "BrokenProcessPool"
    assert str(raised) == "nothing"


def test_no_process_is_left_when_somebody_interrupts(tmp_path):
    before = set(multiprocessing.active_children())
    jobs = [Job("numbers", tell, (number,)) for number in range(1, 50)]
    running = run_jobs(make_assignment(tmp_path), jobs, workers=1)
    next(running)
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt())
    for process in set(multiprocessing.active_children()) - before:
        process.join(20)
        assert not process.is_alive()
