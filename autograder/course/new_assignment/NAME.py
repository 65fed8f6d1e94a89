# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # NAME
#
# Write your code where a cell says `NotImplementedError`. The line below it is a first check; your
# grade comes from more checks on other inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

# %% [markdown]
# ### Question 1: `root_mean_square` (5 points)
#
# How large are the numbers $x_1, \dots, x_n$ on the whole, whatever their signs? Their root mean
# square says so:
#
# $$ \sqrt{\frac{1}{n} \sum_i x_i^2} $$

# %% nbgrader={"grade": false, "grade_id": "root_mean_square", "locked": false, "schema_version": 3, "solution": true, "task": false}
def root_mean_square(numbers):
    """The root of the mean of the squares.

    numbers: list of floats, at least one
    return:  float
    """
    ### BEGIN SOLUTION
    return math.sqrt(sum(number * number for number in numbers) / len(numbers))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_root_mean_square", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
assert math.isclose(root_mean_square([1.0, -7.0]), 5.0)

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_root_mean_square", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# **Written question 1 (5 points).** Why does the root mean square say more about the size of an
# alternating current than the mean does?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The current flows as long in one direction as in the other, so its mean is zero,
# however strong it is. Squares have no sign: they do not cancel, and the root brings their mean back
# to the unit of the current.
#
# **Rubric.** 3: numbers of both signs cancel in the mean. 2: squares do not, and the root restores
# the unit.
# <!-- ### END SOLUTION -->
