"""What makes thousands of tests, most with an application of their own, cheap in one process."""

import gc

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.routing import Rule


def make():
    """Let applications share what each would make anew: compiled templates and routes."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}
    Rule._compile_builder = _later(Rule._compile_builder)


def keep_what_is_loaded():
    """Leave what was loaded so far out of each look for garbage, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Compiled(BytecodeCache):
    """Templates that one test has compiled, for the next: it takes longer than to fill them."""

    def __init__(self):
        """Begin with none."""
        self.kept = {}

    def load_bytecode(self, bucket):
        """Take what is there."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        """Keep what was compiled."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


def _later(compile_builder):
    """Let a rule of a route compile how its address is built once it is asked for.

    Nearly two hundred rules take a quarter of a second for each application, and a test asks for
    a few of them.
    """

    def later(rule, append_unknown=True):
        compiled = []

        def build(itself, **values):
            if not compiled:
                compiled.append(compile_builder(rule, append_unknown))
            return compiled[0](itself, **values)

        return build

    return later
