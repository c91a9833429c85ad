"""The profile as JSON-LD, for whoever reads our records: built from the words that we say."""

from typing import Any, Final

from xapi import vocabulary
from xapi.profile import patterns
from xapi.profile.check import path
from xapi.profile.patterns import Pattern
from xapi.profile.templates import COMMON, TEMPLATES, Rule, Template
from xapi.vocabulary import PROFILE, PROFILE_VERSION, ActivityType, Extension, Verb

CONTEXT: Final = "https://w3id.org/xapi/profiles/context"
SPECIFICATION: Final = "https://w3id.org/xapi/profiles#1.0"
GENERATED: Final = "2026-11-22T00:00:00Z"
"""When the version was made; a changed profile is a new version with a new time."""
MEDIA_TYPE: Final = "application/ld+json"

Word = Verb | ActivityType | Extension


def build() -> dict[str, Any]:
    """Return the profile as a JSON-LD document (xAPI Profiles 6.0 to 10.0)."""
    return {
        "@context": CONTEXT,
        "id": PROFILE,
        "type": "Profile",
        "conformsTo": SPECIFICATION,
        "prefLabel": {"en": "Peer learning"},
        "definition": {
            "en": "What people do when they learn from each other: hand in, review, rate, teach, "
            "meet and explain; and what came of it."
        },
        "author": {"type": "Organization", "name": "lti-peer"},
        "versions": [{"id": PROFILE_VERSION, "generatedAtTime": GENERATED}],
        "concepts": [_concept(one) for one in own_words()],
        "templates": [_template(one) for one in TEMPLATES],
        "patterns": [_pattern(one) for one in patterns.every()],
    }


def own_words() -> list[Word]:
    """Return every word of the vocabulary that the profile itself defines."""
    words = [one for one in vars(vocabulary).values() if isinstance(one, Word)]
    return [one for one in words if one.id.startswith(f"{PROFILE}/")]


def _concept(word: Word) -> dict[str, Any]:
    if isinstance(word, Verb):
        said = {"type": "Verb", **_labels(word.display, f"Somebody {word.display}.")}
    elif isinstance(word, ActivityType):
        said = {"type": "ActivityType", **_labels(word.name, f"{word.name}.")}
    else:
        place, _, meaning = word.meaning.partition(": ")
        name = word.id.rsplit("/", 1)[-1].replace("-", " ")
        sort = "ResultExtension" if place == "Result" else "ContextExtension"
        said = {"type": sort, **_labels(name, meaning)}
    return {"id": word.id, "inScheme": PROFILE_VERSION, **said}


def _template(one: Template) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": one.id,
        "type": "StatementTemplate",
        "inScheme": PROFILE_VERSION,
        **_labels(one.name, one.says),
        "verb": one.verb.id,
        "objectActivityType": one.object.id,
        "contextCategoryActivityType": [vocabulary.PROFILE_TYPE.id],
        "contextGroupingActivityType": [vocabulary.COURSE.id],
        "rules": [_rule(rule) for rule in (*COMMON, *one.rules)],
    }
    if one.parent is not None:
        made["contextParentActivityType"] = [one.parent.id]
    return made


def _rule(rule: Rule) -> dict[str, Any]:
    made: dict[str, Any] = {"location": path(rule.location), "presence": rule.presence}
    if rule.any_of:
        made["any"] = list(rule.any_of)
    return made


def _pattern(one: Pattern) -> dict[str, Any]:
    ids = [part.id for part in one.parts]
    single = one.way in {"optional", "oneOrMore", "zeroOrMore"}
    made: dict[str, Any] = {
        "id": one.id,
        "type": "Pattern",
        "primary": one.primary,
        **_labels(one.name, one.says),
        one.way: ids[0] if single else ids,
    }
    if one.primary:
        made["inScheme"] = PROFILE_VERSION
    return made


def _labels(name: str, definition: str) -> dict[str, Any]:
    return {"prefLabel": {"en": name}, "definition": {"en": definition}}
