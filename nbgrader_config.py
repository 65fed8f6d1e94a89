# The kit's own repository as a course: what `autograder init` gives every course, but its releases
# lie in assignments/.
load_subconfig("solutions/nbgrader_config.py")  # noqa: F821 (given by traitlets)

c = get_config()  # noqa: F821
c.CourseDirectory.release_directory = "assignments"
