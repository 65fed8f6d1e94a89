"""Grades a class: configuration, release, batch, feedback, report."""
