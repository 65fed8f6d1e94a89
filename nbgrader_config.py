from autograder.grading.nbgrader_plugin import configure

c = get_config()  # noqa: F821 (given by nbgrader)
configure(c)
c.CourseDirectory.release_directory = "assignments"
