from autograder.course.nbgrader_plugin import configure

c = get_config()  # noqa: F821 (given by nbgrader)
configure(c)
c.CourseDirectory.course_id = "looking-inside-classifiers"
c.Course.packages = ["course_lib"]
