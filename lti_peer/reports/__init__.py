"""Reports for staff: what an activity and a course came to, from the shared nouns alone.

Every kind of activity has them without a line of its own: `reads` and `heard` read, the modules of
figures decide, `views` shows.
"""
