"""The error that the command line shows as one sentence."""


class CourseError(Exception):
    """Something an instructor can act on: the message is one sentence that says what to do."""
