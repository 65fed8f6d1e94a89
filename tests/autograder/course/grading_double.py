"""A test double of grading. It imports nothing, so that a worker process is ready at once."""

import os
import signal


def grade(student: str) -> str:
    """Mallory's submission ends the worker, Oscar's raises."""
    if student == "mallory":
        os.kill(os.getpid(), signal.SIGKILL)
    if student == "oscar":
        raise ZeroDivisionError("in our own code")
    return f"{student} is graded"
