"""The rules of the specification, one module for each of its objects; `xapi.validate` judges."""
