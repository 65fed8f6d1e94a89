"""What a right answer to NAME is."""

from autograder.checks import assert_same, check


@check("root_mean_square", points=3)
def test_several_numbers(answer, draw):
    assert_same(answer, draw.numbers(5))


@check("root_mean_square", points=2)
def test_negative_numbers(answer, draw):
    assert_same(answer, [-number for number in draw.numbers(3)])
