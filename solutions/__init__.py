"""The assignments of this course, as `autograder init` copies them: one folder each."""
