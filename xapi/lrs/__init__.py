"""The embedded record store: keys, storage and the resources of the specification."""
