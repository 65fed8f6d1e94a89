"""The way in from learning management systems and back: submissions, rosters, grades, feedback."""
