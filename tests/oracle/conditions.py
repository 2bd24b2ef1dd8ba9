"""Contract sections 4 (aliases, void) and 6 (selectors and conditions).

A hand-written recursive descent parser and an evaluator with Kleene's three values:
True, False and None for unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from . import times
from .events import Trace
from .lines import Line

DEFAULT_KEY = ["conv", "idem"]
DEFAULT_ALIASES = {
    "count": ["outbox_count"],
    "conv": ["conversation_id"],
    "idem": ["idempotency_key"],
}
DEFAULT_VOID = ["", "unknown", "None", "null", "MISSING"]

# contract silent: the whole list of units; it names %, ms, s, min, h, d, MB, MiB and /min.
TIME_UNITS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "\u00b5s": Fraction(1, 10**6),
    "\u03bcs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "sec": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
    "day": Fraction(86400),
    "days": Fraction(86400),
}
BYTE_UNITS = {
    "B": Fraction(1),
    "kB": Fraction(10**3),
    "KB": Fraction(10**3),
    "MB": Fraction(10**6),
    "GB": Fraction(10**9),
    "TB": Fraction(10**12),
    "KiB": Fraction(2**10),
    "MiB": Fraction(2**20),
    "GiB": Fraction(2**30),
    "TiB": Fraction(2**40),
}
RATE_UNITS = {f"/{name}": 1 / TIME_UNITS[name] for name in ("s", "sec", "min", "h", "d", "day")}
UNITS = {"%": Fraction(1, 100), **TIME_UNITS, **BYTE_UNITS, **RATE_UNITS}

NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?"
UNIT = "(?:" + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True)) + ")"
QUANTITY = re.compile(f"({NUMBER})({UNIT})?")
TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>{NUMBER}{UNIT}?(?![A-Za-z0-9_.%/-]))
    | (?P<name>(?:(?:from|to)\.)?@[A-Za-z0-9_]+|[A-Za-z0-9_][A-Za-z0-9_.-]*)
    | (?P<sign>==|!=|<=|>=|[<>()\[\],*])
    """,
    re.VERBOSE | re.DOTALL,
)
ORDERINGS = ("<", "<=", ">", ">=")
OPERATORS = ("==", "!=", *ORDERINGS)
ATTRIBUTES = ("@tag", "@text", "@level", "@logger", "@time", "@source", "@line")
RESERVED = ("and", "or", "not", "in", "like", "matches", "is", "where")

Truth = bool | None


class RuleError(ValueError):
    """The rule file is wrong."""


@dataclass(frozen=True)
class Event:
    """An event: its line, its trace and its place in the global order."""

    line: Line
    trace: Trace
    place: int = 0


@dataclass(frozen=True)
class Words:
    """Section 10: what a rule file says about fields."""

    aliases: dict[str, list[str]] = field(default_factory=lambda: dict(DEFAULT_ALIASES))
    void: list[str] = field(default_factory=lambda: list(DEFAULT_VOID))
    units: dict[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str:
        """Contract silent: an alias that is written in a rule means the canonical field."""
        for canonical, aliases in self.aliases.items():
            if name in aliases:
                return canonical
        return name

    def value(self, event: Event, name: str) -> str | None:
        """Section 4: the canonical spelling wins, then the aliases as declared."""
        canonical = self.canonical(name)
        for spelling in (canonical, *self.aliases.get(canonical, [])):
            if spelling in event.trace.fields:
                return event.trace.fields[spelling]
        return None

    def is_void(self, value: str | None) -> bool:
        """Section 4: missing (always), or one of the list."""
        return value is None or value in self.void


def read_quantity(text: str, unit: str | None = None) -> Fraction | None:
    """Section 6: a number with an optional unit, in base units; None if it is no number.

    `unit` is the unit of a bare number. contract silent: no white space anywhere in it.
    """
    match = QUANTITY.fullmatch(text)
    if match is None:
        return None
    unit = match[2] or unit
    return Fraction(Decimal(match[1])) * (Fraction(1) if unit is None else UNITS[unit])


# ---- the tree ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    name: str
    side: str | None = None


@dataclass(frozen=True)
class Attribute:
    name: str
    side: str | None = None


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Number:
    value: Fraction


@dataclass(frozen=True)
class Compare:
    operator: str
    left: object
    right: object


@dataclass(frozen=True)
class Like:
    operand: object
    pattern: str


@dataclass(frozen=True)
class Matches:
    operand: object
    pattern: str


@dataclass(frozen=True)
class IsMissing:
    operand: object


@dataclass(frozen=True)
class IsVoid:
    operand: object


@dataclass(frozen=True)
class Not:
    inner: object


@dataclass(frozen=True)
class And:
    parts: tuple


@dataclass(frozen=True)
class Or:
    parts: tuple


@dataclass(frozen=True)
class Selector:
    """`TAG where CONDITION`, `TAG` (condition None), `* where CONDITION` (tag None)."""

    tag: str | None
    condition: object | None


# ---- the parser --------------------------------------------------------------------------


def tokens(text: str) -> list[tuple[str, str]]:
    """The condition cut into (kind, text)."""
    result = []
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise RuleError(f"cannot read {text[place:]!r}")
        if match.lastgroup != "space":
            result.append((match.lastgroup, match[0]))
        place = match.end()
    return result


class Parser:
    """Section 6: or, and, not, then one comparison; each a method."""

    def __init__(self, text: str, *, of_pairs: bool = False) -> None:
        self.tokens = tokens(text)
        self.of_pairs = of_pairs

    def peek(self) -> str | None:
        return self.tokens[0][1] if self.tokens else None

    def take(self, wanted: str | None = None) -> tuple[str, str]:
        if not self.tokens or (wanted is not None and self.peek() != wanted):
            raise RuleError(f"expected {wanted or 'more'}, got {self.peek()!r}")
        return self.tokens.pop(0)

    def whole_condition(self) -> object:
        result = self.either()
        if self.tokens:
            raise RuleError(f"left over: {self.peek()!r}")
        return result

    def either(self) -> object:
        parts = [self.both()]
        while self.peek() == "or":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> object:
        parts = [self.negation()]
        while self.peek() == "and":
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> object:
        if self.peek() == "not":
            self.take()
            return Not(self.negation())
        if self.peek() == "(":
            self.take()
            result = self.either()
            self.take(")")
            return result
        return self.comparison()

    def comparison(self) -> object:
        left = self.operand()
        word = self.take()[1]
        if word in OPERATORS:
            return comparison_of(word, left, self.operand())
        if word == "in":
            return self.member_of(left)
        if word == "like":
            return Like(left, self.string())
        if word == "matches":
            return Matches(left, self.string())
        if word == "is":
            kind = self.take()[1]
            negated = kind == "not"  # contract silent: `is not missing` is `not (is missing)`
            if negated:
                kind = self.take()[1]
            if kind in ("missing", "void"):
                asked = IsMissing(left) if kind == "missing" else IsVoid(left)
                return Not(asked) if negated else asked
        raise RuleError(f"no comparison: {word!r}")

    def member_of(self, left: object) -> object:
        """contract silent: `x in [a, b]` is `x == a or x == b`; a bare name is a field."""
        self.take("[")
        parts = [comparison_of("==", left, self.operand())]
        while self.peek() == ",":
            self.take()
            parts.append(comparison_of("==", left, self.operand()))
        self.take("]")
        return Or(tuple(parts))

    def string(self) -> str:
        kind, text = self.take()
        if kind != "string":
            raise RuleError(f"expected a string, got {text!r}")
        return unescape(text)

    def operand(self) -> object:
        kind, text = self.take()
        if kind == "string":
            return Text(unescape(text))
        if kind == "number":
            return Number(read_quantity(text))
        if kind != "name" or text in RESERVED:
            raise RuleError(f"expected a field, got {text!r}")
        side, name = None, text
        if self.of_pairs:
            # contract silent: an expect reads the two sides, their attributes too
            side, dot, name = text.partition(".")
            if side not in ("from", "to") or not dot or not name:
                raise RuleError(f"expected from.x or to.x, got {text!r}")
        if name.startswith("@") or ".@" in name:
            if name not in ATTRIBUTES:
                raise RuleError(f"unknown attribute {text!r}")
            return Attribute(name, side)
        return Field(name, side)


def unescape(quoted: str) -> str:
    r"""Section 6: `\"` and `\\`. contract silent: also `\'`; any other backslash stays (`\d`)."""
    return re.sub(r"""\\(["'\\])""", r"\1", quoted[1:-1])


def comparison_of(operator: str, left: object, right: object) -> Compare:
    """Section 6: a string literal beside `<` and its kin is a rule file error.

    contract silent: so is a string literal beside a number literal.
    """
    sides = {type(left), type(right)}
    if Text in sides and (operator in ORDERINGS or Number in sides):
        raise RuleError(f"a string cannot be compared as a number ({operator})")
    return Compare(operator, left, right)


def parse_condition(text: str) -> object:
    """A condition over one event."""
    return Parser(text).whole_condition()


def parse_expect(text: str) -> object:
    """A condition over from.x and to.x."""
    return Parser(text, of_pairs=True).whole_condition()


def parse_selector(
    text: str, named: dict[str, str] | None = None, seen: frozenset[str] = frozenset()
) -> Selector:
    """Section 6: a selector, or (section 10) the name of one.

    contract silent: a name of `events:` goes before a TAG, may begin with another such name,
    and may be narrowed (`name where ...`).
    """
    named = named or {}
    match = re.fullmatch(r"\s*([A-Za-z0-9_-]+|\*)(?:\s+where\b(.*))?\s*", text, re.DOTALL)
    if match is None:
        raise RuleError(f"no selector: {text!r}")
    head = match[1]
    own = None if match[2] is None else parse_condition(match[2])
    if head in named:
        if head in seen:
            raise RuleError(f"{head!r} names itself")
        base = parse_selector(named[head], named, seen | {head})
        return Selector(base.tag, both(base.condition, own))
    if head != "*" and not re.fullmatch(r"[A-Z][A-Z0-9_]+", head):
        raise RuleError(f"neither a TAG nor a name: {head!r}")
    return Selector(None if head == "*" else head, own)


def both(first: object | None, second: object | None) -> object | None:
    """Two conditions, either of which may be absent, joined by `and`."""
    if first is None or second is None:
        return second if first is None else first
    parts = [node.parts if isinstance(node, And) else (node,) for node in (first, second)]
    return And((*parts[0], *parts[1]))


# ---- the evaluator -----------------------------------------------------------------------


def kleene_not(value: Truth) -> Truth:
    return None if value is None else not value


def kleene_and(values: list[Truth]) -> Truth:
    if False in values:
        return False
    return None if None in values else True


def kleene_or(values: list[Truth]) -> Truth:
    if True in values:
        return True
    return None if None in values else False


def selects(selector: Selector, event: Event, words: Words) -> Truth:
    """Section 6: does the selector take this event? Another tag is False, never unknown."""
    if selector.tag is not None and selector.tag != event.trace.tag:
        return False
    if selector.condition is None:
        return True
    return evaluate(selector.condition, {None: event}, words)


def expects(condition: object, first: Event, second: Event, words: Words) -> Truth:
    """Section 7, handoff: the expectation over one pair."""
    return evaluate(condition, {"from": first, "to": second}, words)


def evaluate(node: object, events: dict[str | None, Event], words: Words) -> Truth:
    """Section 6 with Kleene's three values. `events` maps a side (None: the event itself)."""
    match node:
        case Or(parts):
            return kleene_or([evaluate(part, events, words) for part in parts])
        case And(parts):
            return kleene_and([evaluate(part, events, words) for part in parts])
        case Not(inner):
            return kleene_not(evaluate(inner, events, words))
        case Compare(operator, left, right):
            return compare(operator, left, right, events, words)
        case Like(operand, pattern):
            return test_text(operand, events, words, lambda text: glob(pattern, text))
        case Matches(operand, pattern):
            return test_text(operand, events, words, re.compile(pattern).search)
        case IsMissing(operand):
            return text_of(operand, events, words) is None
        case IsVoid(operand):
            return words.is_void(text_of(operand, events, words))
    raise TypeError(node)


def test_text(
    operand: object,
    events: dict[str | None, Event],
    words: Words,
    test: Callable[[str], object],
) -> bool:
    text = text_of(operand, events, words)
    return text is not None and bool(test(text))


def glob(pattern: str, text: str) -> bool:
    """Section 6: `like` matches the whole value; `*` any run, `?` any one character.

    contract silent: both take a newline, too, and nothing escapes them.
    """
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def compare(
    operator: str, left: object, right: object, events: dict[str | None, Event], words: Words
) -> Truth:
    """Section 6: numbers beside a number literal and for orderings, else text."""
    texts = [text_of(operand, events, words) for operand in (left, right)]
    if None in texts:
        return False
    if operator in ORDERINGS or isinstance(left, Number) or isinstance(right, Number):
        a, b = (number_of(operand, events, words) for operand in (left, right))
        if a is None or b is None:
            return None
    else:
        a, b = texts
    return {
        "==": a == b,
        "!=": a != b,
        "<": a < b,
        "<=": a <= b,
        ">": a > b,
        ">=": a >= b,
    }[operator]


def text_of(operand: object, events: dict[str | None, Event], words: Words) -> str | None:
    """The text of an operand, None if it is missing."""
    match operand:
        case Text(value):
            return value
        case Number(value):
            return str(value)  # present; never compared as text
        case Field(name, side):
            return words.value(events[side], name)
        case Attribute(name, side):
            return attribute(events[side], name)
    raise TypeError(operand)


def attribute(event: Event, name: str) -> str | None:
    """Section 6: the attributes of the line."""
    line = event.line
    return {
        "@tag": event.trace.tag,
        "@text": line.text,
        "@level": line.level,
        "@logger": line.logger,
        "@time": None if line.time is None else times.as_text(line.time),
        "@source": line.path,
        "@line": str(line.number),
    }[name]


def number_of(operand: object, events: dict[str | None, Event], words: Words) -> Fraction | None:
    """The number of a present operand, None if it is none.

    contract silent: a bare literal is in base units, whatever unit the field declares; units
    of different kinds are compared as their base numbers; a declared unit belongs to the
    canonical name, whichever way the line spells it.
    """
    match operand:
        case Number(value):
            return value
        case Attribute("@time", side):
            return Fraction(events[side].line.time, times.NANO)
        case Field(name, _):
            unit = words.units.get(words.canonical(name))
            return read_quantity(text_of(operand, events, words), unit)
    return read_quantity(text_of(operand, events, words))


# ---- what a rule names -------------------------------------------------------------------


def comparisons(node: object) -> Iterator[object]:
    """Every comparison and test of a condition."""
    match node:
        case Or(parts) | And(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(inner):
            yield from comparisons(inner)
        case None:
            return
        case _:
            yield node


def operands(node: object) -> Iterator[object]:
    """Every field, attribute and literal of a condition."""
    for each in comparisons(node):
        match each:
            case Compare(_, left, right):
                yield from (left, right)
            case Like(operand, _) | Matches(operand, _) | IsMissing(operand) | IsVoid(operand):
                yield operand


def named_fields(node: object) -> set[str]:
    """Every field that a condition names (section 5, never_seen)."""
    return {one.name for one in operands(node) if isinstance(one, Field)}


def named_attributes(node: object) -> set[str]:
    """Every attribute that a condition asks for."""
    return {one.name for one in operands(node) if isinstance(one, Attribute)}


def named_values(node: object) -> set[tuple[str, str]]:
    """The (field, text) pairs that a condition compares by `==` or `in`."""
    pairs = set()
    for each in comparisons(node):
        match each:
            case Compare("==", Field(name, _), Text(value)):
                pairs.add((name, value))
            case Compare("==", Text(value), Field(name, _)):
                pairs.add((name, value))
    return pairs
