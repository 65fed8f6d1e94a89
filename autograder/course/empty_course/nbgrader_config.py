"""How this course is graded. A line that starts with "# c." shows a default: change it there."""

from autograder.course.nbgrader_plugin import configure

c = get_config()  # noqa: F821 (given by nbgrader)
configure(c)

# What notebooks may import besides what is installed everywhere: names of installed packages, or
# folders and modules in this folder. `autograder handout` packs them with the notebooks.
# c.Course.packages = []

# Folders that notebooks may read, such as data sets.
# c.Course.readable = []

# "bubblewrap", or "none" for code that you trust. "cpu", "cuda", or "auto": the GPU where there is one.
# c.Course.jail = "bubblewrap"
# c.Course.device = "auto"

# What one submission may use: bytes of memory, bytes that it writes, processes; and seconds.
# c.Course.memory = 4 * 2**30
# c.Course.disk = 512 * 2**20
# c.Course.processes = 64
# c.Course.seconds_per_cell = 120
# c.Course.seconds_per_call = 20
# c.Course.seconds_per_notebook = 900

# Other values for some assignments.
# c.Course.overrides = {}
