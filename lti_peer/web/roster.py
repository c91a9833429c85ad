"""The list of people that the LMS keeps of a course: what pages say of it."""

NOTICES = {"roster": ("info", "The list of people is being read from the LMS. Look in a moment.")}
"""What a page says once staff have asked for it (`web.steering`)."""
