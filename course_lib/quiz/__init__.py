"""The form of a quiz: buttons to click, and an answer cell that keeps the clicks."""

from course_lib.quiz.form import Quiz, open_quiz

__all__ = ["Quiz", "open_quiz"]
