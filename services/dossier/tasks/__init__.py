"""Running a dossier: its procedure's steps become tasks for the systems, their answers become its statuses.

`course.py` is where a dossier goes next, `answers.py` what an answer does, `overdue.py` who has not answered,
`endings.py` how it ended.
"""
