"""Random rule files over the tags and fields of `laws.logs`: every kind, any parameters."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from oracle.conditions import parse_selector

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
DEFECTS = ("malformed", "undecodable", "too_long", "duplicate_field")
CLASSES = ("lost", "mismatch", "late", "orphan", "duplicate")
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


PAIRS = (
    *(("AA", "BB"), ('AA where p == "x"', 'AA where p == "y"'), ("AA", "BB"), ("BB", "AA")),
    *(('* where p == "x"', '* where p == "y"'), ("AA where n >= 1", "BB"), ("AA", "*")),
)


@st.composite
def pairs(draw: Any, events: dict[str, str]) -> tuple[str, str]:
    """Two selectors: mostly of events that come in turns. Two alike are refused in a handoff."""
    if draw(st.integers(0, 3)) < 3:
        return draw(some(PAIRS))
    named = tuple(events)
    first, second = draw(selectors(named)), draw(selectors(named))
    if parse_selector(first, events) == parse_selector(second, events):
        second = _another(first, events)
    return first, second


def _another(selector: str, events: dict[str, str]) -> str:
    """A selector that is not written like this one."""
    given = parse_selector(selector, events)
    return next(other for other in ("AA", "BB") if parse_selector(other) != given)


@st.composite
def _steps(draw: Any, events: dict[str, str]) -> list[str]:
    """Steps of which no later one is written like an earlier one, which is refused."""
    typical = some((("AA", "BB", "CC"), ("AA", "BB"), ("AA", "BB", "CC", "*"), *PAIRS))
    drawn = st.lists(selectors(tuple(events)), min_size=2, max_size=4)
    steps: list[str] = []
    for step in draw(st.one_of(typical, typical, drawn)):
        written = [parse_selector(earlier, events) for earlier in steps]
        if parse_selector(step, events) not in written:
            steps.append(step)
    return steps if len(steps) > 1 else [*steps, _another(steps[0], events)]


@st.composite
def _parameters(draw: Any, kind: str, events: dict[str, str]) -> dict[str, Any]:
    named = tuple(events)
    within = some(("0s", "1s", "500ms", "2min", "1.5s", "2s"))
    percents = some(("0%", "5%", "33.3%", "50%", "66.67%", "100%"))
    counts = st.integers(0, 4)
    parameters: dict[str, Any] = {}

    def maybe(name: str, values: st.SearchStrategy[Any]) -> None:
        if draw(st.booleans()):
            parameters[name] = draw(values)

    match kind:
        case "forbid" | "require":
            if draw(st.integers(0, 2)) < 2:
                parameters["where"] = draw(selectors(named))
            else:
                parameters["text"] = draw(some(PATTERNS))
            if kind == "forbid":
                maybe("allow", counts)
            else:
                maybe("at_least", counts)
                least = parameters.get("at_least", 1)
                maybe("at_most", st.integers(least, least + 2))
        case "handoff" | "consistent":
            parameters["from"], parameters["to"] = draw(pairs(events))
            if kind == "consistent":
                names = some(("s", "n", "s", "m", "p", *FIELDS, *ODD_NAMES))
                fields = st.lists(names, min_size=1, max_size=3, unique=True)
                return {**parameters, "fields": draw(fields)}
            likely = some(("to.n >= 1", "from.s == to.s", "to.n >= from.n", 'to.s != "x"'))
            maybe("expect", st.one_of(likely, conditions(sides=True)))
            maybe("within", within)
            for name in draw(st.sets(some(CLASSES), max_size=2)):
                parameters[name] = draw(some(("allow", "violate")))
        case "sequence":
            parameters["steps"] = draw(_steps(events))
            maybe("within", within)
        case "rate":
            parameters["over"], parameters["of"] = draw(
                st.one_of(
                    some((("AA", 'AA where p == "x"'), ("*", "AA"), ("*", "* where n >= 1"))),
                    pairs(events),
                )
            )
            parameters[draw(some(("at_least", "at_most")))] = draw(percents)
            maybe("min_events", st.integers(1, 5))
        case "wellformed":
            maybe("at_most", st.one_of(counts, percents))
            maybe("count", st.lists(some(DEFECTS), min_size=1, unique=True))
    return parameters


keys = st.one_of(
    some(("none", ["conv"], ["conv"], ["conv", "idem"], ["k"])),
    st.lists(some((*KEY_FIELDS, *KEY_FIELDS, "p")), min_size=1, max_size=3, unique=True),
    st.lists(some((*KEY_FIELDS, *ODD_NAMES)), min_size=1, max_size=3, unique=True),
)
KINDS = ("forbid", "require", "handoff", "consistent", "sequence", "rate", "wellformed")


@st.composite
def rules(draw: Any, name: str, events: dict[str, str], kinds: tuple[str, ...] = KINDS) -> Any:
    """One rule."""
    kind = draw(some(kinds))
    rule: dict[str, Any] = {"id": name, kind: draw(_parameters(kind, events))}
    if draw(st.booleans()):
        rule["severity"] = draw(some(("critical", "high", "medium", "low")))
    if draw(st.booleans()):
        rule["key"] = draw(keys)
    for option in ("allow_unattributed", "allow_empty"):
        if draw(st.integers(0, 3)) == 3:
            rule[option] = True
    if draw(st.integers(0, 19)) == 19:
        rule["enabled"] = False
    return rule


@st.composite
def rule_files(draw: Any, most: int = 4, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """A rule file. Nothing in it is personal, so that evidence is what the log says."""
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
    file["rules"] = [draw(rules(f"rule-{at}", events, kinds)) for at in range(count)]
    return file
