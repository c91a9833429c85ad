"""What makes thousands of tests, most with an application of their own, cheap in one process."""

import gc
from threading import Lock
from typing import ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.routing import Map


def make():
    """Let applications share what each would make anew: compiled templates and routes."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}
    Flask.url_map_class = SharedRoutes


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


class SharedRoutes(Map):
    """The routes of an application, matched by what the first with the very same has compiled.

    There are hundreds, and to compile them takes longer than most tests.
    """

    kept: ClassVar = {}
    turn: ClassVar = Lock()
    waiting = ()

    def add(self, rulefactory):
        """Take rules; they are compiled once somebody asks for them."""
        self.waiting = (*self.waiting, *rulefactory.get_rules(self))

    def update(self):
        """Compile what waits, unless that was done."""
        with self.turn:
            known = tuple(map(_name, self.waiting))
            if known and known not in self.kept:
                for rule in self.waiting:
                    super().add(rule)
                super().update()
                self.kept[known] = self._matcher, self._rules_by_endpoint
            if known:
                self._matcher, self._rules_by_endpoint = self.kept[known]
                self.waiting = ()
        super().update()


def _name(rule):
    methods = frozenset(rule.methods or ())
    return (
        rule.rule,
        rule.endpoint,
        methods,
        rule.strict_slashes,
        rule.build_only,
        str(rule.defaults),
    )
