"""What is checked: one pytest module per assignment.

Open the module of an assignment to read what a student must get right. A check draws inputs that
no one has seen before, calls the student's function, and compares values: with the reference
solution, with finite differences, or with what must be true of any right answer.
"""
