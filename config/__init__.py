"""Settings: what an administrator decides, read once at the start."""
