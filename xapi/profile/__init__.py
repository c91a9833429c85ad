"""Our xAPI Profile: concepts, statement templates and patterns, as JSON-LD and as checks.

Written to the xAPI Profiles Specification 1.0 (github.com/adlnet/xapi-profiles). `document.build`
gives the JSON-LD, `check` says which template a statement follows and what it lacks.
"""
