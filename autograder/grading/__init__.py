"""Grades one submission: start reading at `grade.py`."""
