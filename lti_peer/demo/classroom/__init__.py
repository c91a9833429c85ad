"""Synthetic learners who use the tool as people do: over HTTP, with the forms of its pages."""
