"""Kinds of activity: one folder each, and the register of them."""
