"""Style: a loop, and the power of one half."""

# %% grade_id="root_mean_square"
def root_mean_square(numbers):
    total = 0.0
    for number in numbers:
        total += number**2
    return (total / len(numbers)) ** 0.5
