"""Goals that check themselves: what an instructor wants of an activity, and whether it came true.

A goal names a measure, a target, a date and whom it is about. It is evaluated from statements
alone, as they were at its date (R51, M15), for every kind of activity.
"""
