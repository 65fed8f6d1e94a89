"""Wrong answers to NAME, by name.

A docstring is the hint that students read whose values are those of the function.
"""

from autograder.checks import misconception


@misconception(of="root_mean_square", caught_by="test_several_numbers")
def forgot_the_root(numbers):
    """This is the mean of the squares: take the square root of it."""
    return sum(number * number for number in numbers) / len(numbers)
