"""Random rule files over the tags and fields of `laws.logs`: every kind, any parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from rules.rule_texts import load_text

from laws.engine import KINDS, written
from tracecheck.model.rules import KindSpec, Parameter

TAGS = ("AA", "BB", "CC", "INFO", "ZZ")
KEY_FIELDS = ("conv", "idem", "k")
ODD_NAMES = ("row", "tag", "run", "at1", "duplicate", "h1", "s0", "when", "value", "from.x", "0")
"""Fields that are named as something of the engine's own might be."""
FIELDS = ("p", "n", "m", "s", "a.b", "count", *KEY_FIELDS)
ALIASES = {"conv": ["cid", "c-2"], "n": ["nn"], "count": []}
STRINGS = ("x", "y", "1", "", "unknown", "é", "a|b", "x y", 'q"q', "b\\s", "2", "INFO", "AA")
NUMBERS = (
    *("0", "1", "2", "-1", "+1", "1.5", "0.05", "1.0", "007", "100000000000000000000"),
    *("5%", "60s", "1min", "500ms", "2kB", "2KiB", "1MB", "60/min", "1d", "1us", "2days"),
)
GLOBS = ("x*", "*", "?", "", "*y", "x?", "unk*wn", "?.?", "a*b", "*\n*", "1", "x*y*")
PATTERNS = (
    *("x", "^1", "[0-9]+", "x|y", "(?i)X", "(?x) x # or )", "\\.", "é", "[^a-z]", "AA", "\\|p="),
    *('q"q', "^$", "x*", "(?s:a.b)", "p=[xy]"),
)
ORDERINGS = ("<", "<=", ">", ">=")
MOMENTS = ("1766091600", "1766091602", "1766091601.5")

some = st.sampled_from


def quoted(text: str, mark: str = '"') -> str:
    """A string literal of the condition language."""
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


strings = st.builds(quoted, some(STRINGS), some('"""\''))


@st.composite
def comparisons(draw: Any, sides: bool) -> str:
    """One comparison or test; over `from.x` and `to.x` with `sides`."""

    def name(pool: tuple[str, ...] = FIELDS) -> str:
        if pool is FIELDS and draw(st.integers(0, 9)) == 9:
            pool = ODD_NAMES[:-1]
        return (draw(some(("from.", "to."))) if sides else "") + draw(some(pool))

    match draw(st.integers(0, 11)):
        case 0 | 1:
            return f"{name()} {draw(some(('==', '!=')))} {draw(strings)}"
        case 2 | 3:
            numbers = draw(some(NUMBERS))
            operator = draw(some(("==", "!=", *ORDERINGS)))
            sound = name(("n", "m", "count"))
            return f"{sound} {operator} {numbers}"
        case 4:
            return f"{draw(some(NUMBERS))} {draw(some(('==', '!=', *ORDERINGS)))} {name()}"
        case 5:
            return f"{name()} {draw(some(('==', '!=', *ORDERINGS)))} {name()}"
        case 6:
            literals = st.one_of(strings, some(NUMBERS))
            items = draw(st.lists(literals, min_size=1, max_size=3))
            if draw(st.booleans()):
                items.append(name())
            return f"{name()} in [{', '.join(items)}]"
        case 7:
            return f"{name()} like {quoted(draw(some(GLOBS)))}"
        case 8:
            return f"{name()} matches {quoted(draw(some(PATTERNS)))}"
        case 9 | 10:
            return f"{name()} is {draw(some(('missing', 'void', 'not missing', 'not void')))}"
    match draw(st.integers(0, 7)):
        case 0:
            return f"{name(('@tag',))} {draw(some(('==', '!=')))} {quoted(draw(some(TAGS)))}"
        case 1:
            return f"{name(('@text',))} matches {quoted(draw(some(PATTERNS)))}"
        case 2:
            return f'{name(("@level",))} {draw(some(("==", "!=")))} "INFO"'
        case 3:
            return f'{name(("@logger",))} like "a*"'
        case 4:
            moment = draw(some(MOMENTS))
            return f"{name(('@time',))} {draw(some(('==', '!=', *ORDERINGS)))} {moment}"
        case 5:
            line = draw(st.integers(1, 12))
            return f"{name(('@line',))} {draw(some(('==', '!=', *ORDERINGS)))} {line}"
        case 6:
            return f'{name(("@source",))} {draw(some(("==", "!=")))} "a.log"'
    pool = ("@time", "@line", "@level", "n")
    return f"{name(pool)} {draw(some(('==', '!=', *ORDERINGS)))} {name(pool)}"


@st.composite
def conditions(draw: Any, sides: bool = False, depth: int = 2) -> str:
    """A condition, its parentheses sometimes left to the order of `not`, `and`, `or`."""
    shape = draw(st.integers(0, 8)) if depth else 0
    if shape < 5:
        return draw(comparisons(sides))
    inner = draw(conditions(sides, depth - 1))
    if shape == 5:
        return f"not {inner}" if draw(st.booleans()) else f"not ({inner})"
    other = draw(conditions(sides, depth - 1))
    if draw(st.booleans()):
        other = f"({other})"
    return f"{inner} {draw(some(('and', 'or')))} {other}"


PLAIN_SELECTORS = (
    *("AA", "BB", "CC", "*", 'AA where p == "x"', 'AA where p == "y"', 'BB where p == "x"'),
    *('* where p == "x"', '* where p == "y"', "AA where n >= 1", "BB where s is not void"),
)


@st.composite
def selectors(draw: Any, named: tuple[str, ...] = ()) -> str:
    """A selector: mostly one that takes many events."""
    shape = draw(st.integers(0, 9))
    if shape < 6:
        return draw(some(PLAIN_SELECTORS))
    head = draw(some(("AA", "AA", "BB", "*", *TAGS, *named)))
    return head if shape < 7 else f"{head} where {draw(conditions())}"


TURNS = (
    *(("AA", "BB", "CC"), ("AA", "BB"), ('AA where p == "x"', 'AA where p == "y"'), ("BB", "AA")),
    *(('* where p == "x"', '* where p == "y"'), ("AA where n >= 1", "BB"), ("AA", "*")),
    *(('AA where p == "x"', "AA"), ("* where n >= 1", "*"), ("AA", "BB", "CC", "*")),
)
"""Selectors of events that come in turns, or of which some are the others as well."""


def turns(least: int, most: int, named: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    """Several selectors: mostly of events that have to do with each other."""
    typical = some([each[:most] for each in TURNS if len(each) >= least]).map(list)
    drawn = st.lists(selectors(named), min_size=least, max_size=most, unique=True)
    return st.one_of(typical, typical, typical, drawn)


_LIKELY = some(("to.n >= 1", "from.s == to.s", "to.n >= from.n", 'to.s != "x"'))
_PERCENTS = some(("0%", "5%", "33.3%", "50%", "66.67%", "100%"))
_NAMES = some((*("s", "n", "p", "m") * 4, *FIELDS, *ODD_NAMES))


def value_of(parameter: Parameter, named: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """What a rule file may write for a parameter, by its type."""
    least = parameter.at_least
    counts = st.integers(least, least + 4)
    match parameter.type:
        case "selector":
            return selectors(named)
        case "selectors":
            return turns(least, max(4, least), named)
        case "expectation":
            return st.one_of(_LIKELY, conditions(sides=True))
        case "regex":
            return some(PATTERNS)
        case "duration":
            return some(("0s", "1s", "500ms", "2min", "1.5s", "2s"))
        case "count":
            return counts
        case "percent":
            return _PERCENTS
        case "count_or_percent":
            return st.one_of(counts, _PERCENTS)
        case "fields":
            return st.lists(_NAMES, min_size=max(1, least), max_size=least + 2, unique=True)
        case "choices":
            return st.lists(some(parameter.choices), min_size=max(1, least), unique=True)
        case "budget":
            return some(("violate", "violate", "allow", "allow", 0, 1, 2, "0%", "33.3%", "50%"))


@st.composite
def _parameters(draw: Any, spec: KindSpec, events: dict[str, str]) -> dict[str, Any]:
    """Parameters of a kind as its specification has them, whatever the kind."""
    named = tuple(events)
    chosen = {draw(some(group)) for group in spec.one_of}
    grouped = {name for group in spec.one_of for name in group}
    given = []
    for one in spec.parameters:
        is_needed = one.required or one.name in chosen
        if is_needed or (one.name not in grouped and draw(st.integers(0, 9)) < _OFTEN[one.type]):
            given.append(one)
    values = {one.name: draw(value_of(one, named)) for one in given}
    joined = [one.name for one in given if one.type == "selector"]
    if len(joined) > 1:
        values |= zip(joined, draw(turns(len(joined), len(joined), named)), strict=True)
    return values


_OFTEN = defaultdict(lambda: 4, budget=2)
"""How often out of ten times an optional parameter is given, by its type."""


def parameters(kind: str, events: dict[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters about which the kind does not complain."""
    spec = KINDS[kind].spec
    unchecked = {kind: replace(spec, check=lambda _: [])}

    def is_sound(written_parameters: dict[str, Any]) -> bool:
        file = {"events": events, "rules": [{"id": "one", kind: written_parameters}]}
        (rule,) = load_text(written(file), unchecked).rules
        return not spec.check(rule.parameters)

    return _parameters(spec, events).filter(is_sound)


keys = st.one_of(
    some(("none", ["conv"], ["conv"], ["conv", "idem"], ["k"])),
    st.lists(some((*KEY_FIELDS, *KEY_FIELDS, "p")), min_size=1, max_size=3, unique=True),
    st.lists(some((*KEY_FIELDS, *ODD_NAMES)), min_size=1, max_size=3, unique=True),
)


@st.composite
def rules(draw: Any, name: str, events: dict[str, str], kinds: Sequence[str]) -> Any:
    """One rule."""
    kind = draw(some(kinds))
    rule: dict[str, Any] = {"id": name, kind: draw(parameters(kind, events))}
    if draw(st.booleans()):
        rule["severity"] = draw(some(("critical", "high", "medium", "low")))
    if draw(st.booleans()):
        rule["key"] = draw(keys)
    if draw(st.integers(0, 7)) == 7:
        rule["title"] = draw(some(("Every plan is delivered", "")))
    for option in ("allow_unattributed", "allow_empty"):
        if draw(st.integers(0, 3)) == 3:
            rule[option] = True
    if draw(st.integers(0, 19)) == 19:
        rule["enabled"] = False
    return rule


@st.composite
def rule_files(draw: Any, most: int = 4, kinds: Sequence[str] = ()) -> dict[str, Any]:
    """A rule file, of all kinds there are if none is named.

    Nothing in it is personal, so that evidence is what the log says.
    """
    file: dict[str, Any] = {"version": 1} if draw(st.booleans()) else {}
    file["personal"] = []
    if draw(st.booleans()):
        file["aliases"] = draw(st.sampled_from((ALIASES, {}, {"n": ["m2"], "s": ["p2"]})))
    if draw(st.integers(0, 3)) == 3:
        file["void"] = draw(st.lists(some(("", "x", "unknown", "1")), unique=True))
    if draw(st.integers(0, 2)) == 2:
        file["units"] = draw(
            st.dictionaries(some(("n", "m", "count")), some(("ms", "%", "min", "kB", "/min")))
        )
    if draw(st.booleans()):
        file["key"] = draw(keys)
    events: dict[str, str] = {}
    for name in ("first", "second")[: draw(st.integers(0, 2))]:
        events[name] = draw(selectors(tuple(events)))
    if events:
        file["events"] = events
    count = draw(st.integers(1, most))
    file["rules"] = [
        draw(rules(f"rule-{at}", events, kinds or tuple(KINDS))) for at in range(count)
    ]
    return file
