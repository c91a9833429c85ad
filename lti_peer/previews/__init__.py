"""Sandboxes: an activity tried as a learner would, among made-up people, where nothing counts."""
