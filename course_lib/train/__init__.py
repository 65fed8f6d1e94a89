"""Training: `python -m course_lib.train --help`."""
