"""Grades the course's notebooks: see `autograder --help` and `autograder.grading`."""
