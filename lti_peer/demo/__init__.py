"""A simulated LMS, a simulated class, and the command that shows them. Never in production."""
