"""What runs beside the student's code: these files, and no others of the autograder, are in the jail."""
