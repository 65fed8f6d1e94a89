"""Quizzes: a kind of assignment that is written as one YAML file of questions."""
