"""What is planted: for each kind of rule a few messages, one of which violates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

KINDS = ("forbid", "require", "handoff", "consistent", "sequence", "rate", "wellformed")

RULES = """
version: 1
key: [conv]
events:
  planned: '{handoff} where phase == "planner"'
  delivered: '{handoff} where phase == "delivery"'
  begun: '{consistent} where at == "begin"'
  ended: '{consistent} where at == "end"'
  one: '{sequence} where n == 1'
  two: '{sequence} where n == 2'
  three: '{sequence} where n == 3'
rules:
  - id: forbid
    forbid: {{where: '{forbid} where level == "CRITICAL"'}}
  - id: require
    require: {{where: '{require} where n == 2', at_least: 0, at_most: 0}}
  - id: handoff
    handoff: {{from: planned, to: delivered}}
  - id: consistent
    consistent: {{from: begun, to: ended, fields: [sid]}}
  - id: sequence
    sequence: {{steps: [one, two, three]}}
  - id: rate
    rate: {{of: '{rate} where status == "bad"', over: '{rate}', at_most: 0%}}
  - id: wellformed
    wellformed: {{}}
"""
"""Each rule is of the kind that is its name, and names a tag of its own."""


@dataclass(frozen=True)
class Vocabulary:
    """The tag of each kind; `wellformed`, which names none, has that of `require`.

    Log level words are tags too, of which less is promised.
    """

    tags: Mapping[str, str]
    are_levels: bool = False

    @property
    def rules(self) -> str:
        return RULES.format(**self.tags)

    def __str__(self) -> str:
        return ", ".join(f"{kind}: {tag}" for kind, tag in self.tags.items())


def _vocabulary(tags: str, *, are_levels: bool = False) -> Vocabulary:
    named = dict(zip(KINDS, [*tags.split(), tags.split()[1]], strict=True))
    return Vocabulary(MappingProxyType(named), are_levels)


VOCABULARIES = (
    _vocabulary("GUARD_TRACE CALL_TRACE OUTBOX_TRACE STATE_TRACE STEP_TRACE RESULT_TRACE"),
    _vocabulary("AB ABC AB_ A_AB AB1 B2"),  # each in the other
    _vocabulary("OUT OUT_OUT OUTBOX T0 T00 TT__TT"),
    _vocabulary("ERROR TRACE FATAL NOTICE DEBUG CRITICAL", are_levels=True),
)


@dataclass(frozen=True)
class Plant:
    """The messages of one input: one that violates the rule of its kind, and its neighbours."""

    kind: str
    tag: str
    before: tuple[str, ...]
    planted: str
    after: tuple[str, ...]


PROSE = (
    "heartbeat, all is well",
    "größer als 5 €: done",
    "settings are read: level=info, at most 5 %",
    "it's fine",
    "{",
    "",
    "two lines a turn |",
    "ABsent=2, OUTer=1 and T0day=3",
)
"""Plain lines, none of which shows a tag; the last one has words that begin with some."""


def plant(kind: str, vocabulary: Vocabulary, key: str, rng: Random) -> Plant:
    """One violation of this kind. Its first field is `conv`, `level`, `phase`, `at` or `status`."""
    tag = vocabulary.tags[kind]
    conv, other = f"conv={key}", f"conv={key}g"
    before: list[str] = []
    after: list[str] = []
    match kind:
        case "forbid":
            before = [f"{tag}|level=info|{other}|n=1"]
            fields = rng.choice((f"level=CRITICAL|{conv}", f"{conv}|level=CRITICAL"))
        case "require":
            before = [f"{tag}|{other}|n=1"]
            fields = f"{conv}|n=2"
        case "handoff":
            before = [f"{tag}|phase=planner|{other}", f"{tag}|phase=delivery|{other}"]
            fields = rng.choice((f"phase=planner|{conv}", f"{conv}|phase=delivery"))
        case "consistent":
            one, two = f"{tag}|at=begin|{conv}|sid=1", f"at=end|{conv}|sid=2"
            before, fields = [one], two
            if rng.random() < 0.5:
                before, fields, after = [], f"{conv}|at=begin|sid=1", [f"{tag}|{two}"]
        case "sequence":
            before = [f"{tag}|n={step}|{other}" for step in (1, 2, 3)]
            fields = f"{conv}|n=1"
            after = [f"{tag}|{conv}|n=2"]
        case "wellformed":
            before = [f"{tag}|n=1|{other}"]
            fields = rng.choice((f"{conv}|n=1|{conv}", f"{conv}|n=1|n=2"))
        case _:
            before = [f"{tag}|status=ok|{other}"]
            fields = rng.choice((f"status=bad|{conv}", f"{conv}|status=bad"))
    for some in (before, after):
        if rng.random() < 0.3:
            some.insert(rng.randrange(len(some) + 1), rng.choice(PROSE))
    return Plant(kind, tag, tuple(before), f"{tag}|{fields}", tuple(after))
