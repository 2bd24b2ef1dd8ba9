"""Selectors and conditions: what they mean, and what is said about those that mean nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracecheck.conditions.builder import NAME
from tracecheck.conditions.mistakes import KEYWORDS, ConditionError
from tracecheck.conditions.parser import names_with_places, parse_condition, parse_selector
from tracecheck.conditions.quantities import parse_duration, parse_number, parse_percent
from tracecheck.conditions.units import UNITS
from tracecheck.model.condition import (
    And,
    Comparison,
    Condition,
    IsMissing,
    IsVoid,
    Like,
    Matches,
    Membership,
    Name,
    Not,
    Number,
    Operand,
    Or,
    Selector,
    Text,
)

A, B = Name("a"), Name("b")
ONE = Number(Fraction(1), "1")
ONE_TAG = """a selector has one TAG: write '* where @tag in ["AB", "CD"]'"""


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("OUTBOX_TRACE", Selector("OUTBOX_TRACE", None, "OUTBOX_TRACE")),
        (" * ", Selector(None, None, "*")),
        ("AB where a == 1", Selector("AB", Comparison("==", A, ONE), "AB where a == 1")),
        ("*\nwhere a is void\n", Selector(None, IsVoid(A), "*\nwhere a is void")),
    ],
)
def test_a_selector_is_a_tag_or_a_star_and_perhaps_a_condition(
    text: str, selector: Selector
) -> None:
    assert parse_selector(text) == selector
    assert parse_selector(text).text == text.strip()


def test_a_selector_may_be_a_named_event_and_narrow_it() -> None:
    planned = Selector("AB", And((IsVoid(A), IsVoid(B))), "")
    assert parse_selector("planned", {"planned": planned}) == Selector(
        "AB", planned.where, "planned"
    )
    narrowed = parse_selector(" planned\nwhere a == 1", {"planned": planned})
    assert (narrowed.head, narrowed.base) == ("planned", planned)
    assert narrowed.where == And((IsVoid(A), IsVoid(B), Comparison("==", A, ONE)))


def test_trees_are_equal_if_they_mean_the_same_and_keep_what_was_typed() -> None:
    typed, meant = parse_condition(" a==1  or b==1 "), parse_condition("(a == 1) or b == 1")
    assert (typed, hash(typed)) == (meant, hash(meant))
    assert (typed.text, meant.text) == ("a==1  or b==1", "(a == 1) or b == 1")
    event = parse_selector("AB where a == 1")
    named, whole = parse_selector("e", {"e": event}), parse_selector("AB where (a==1)")
    assert (named, hash(named)) == (whole, hash(whole))
    assert (named.base, whole.base) == (event, None)


def test_what_narrows_a_named_event_is_one_term_even_if_it_is_an_or() -> None:
    event = Selector("AB", IsVoid(A), "")
    narrowed = parse_selector("e where a == 1 or b == 1", {"e": event})
    assert narrowed.where == And(
        (IsVoid(A), Or((Comparison("==", A, ONE), Comparison("==", B, ONE))))
    )


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a == b", Comparison("==", A, B)),
        ("yes == 1", Comparison("==", Name("yes"), ONE)),
        ("a == yesterday", Comparison("==", A, Name("yesterday"))),
        ('"x" != a', Comparison("!=", A, Text("x"))),
        ("1 < a", Comparison(">", A, ONE)),
        ("1 >= a", Comparison("<=", A, ONE)),
        ("not a == 1", Not(Comparison("==", A, ONE))),
        ("a is not missing", Not(IsMissing(A))),
        ("a is not void", Not(IsVoid(A))),
        ('a in ["x", 1, b]', Membership(A, (Text("x"), ONE, B))),
        ('a like "thread_*"', Like(A, "thread_*")),
        (r'a matches "\d+\.\"\\w"', Matches(A, r'\d+\."\w')),
        (r"a == 'it\'s'", Comparison("==", A, Text("it's"))),
        (r'a == "\n"', Comparison("==", A, Text(r"\n"))),
        ('@level == "ERROR"', Comparison("==", Name("@level"), Text("ERROR"))),
        ("android == 1", Comparison("==", Name("android"), ONE)),
        ("missing is missing", IsMissing(Name("missing"))),
        ("2xx == 1", Comparison("==", Name("2xx"), ONE)),
        ("1 == 2xx", Comparison("==", Name("2xx"), ONE)),
        ("1e3 == a", Comparison("==", Name("1e3"), A)),
        ("http.status-code == 1", Comparison("==", Name("http.status-code"), ONE)),
        ("from.a == 1", Comparison("==", Name("from.a"), ONE)),
    ],
)
def test_a_condition_means_what_the_contract_says(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


def test_in_an_expectation_a_literal_that_is_none_is_told_as_such() -> None:
    with pytest.raises(ConditionError, match="`1e3` reads as the name of a field"):
        parse_condition("to.a > 1e3", sides=True)
    assert parse_condition("to.a > to.1e3", sides=True) == Comparison(
        ">", Name("a", "to"), Name("1e3", "to")
    )


def test_and_binds_stronger_than_or_and_weaker_than_not() -> None:
    void, missing, one = IsVoid(A), IsMissing(A), Comparison("==", A, ONE)
    assert parse_condition("not a is void and a is missing or a == 1") == Or(
        (And((Not(void), missing)), one)
    )
    assert parse_condition("not (a is void and (a is missing or a == 1))") == Not(
        And((void, Or((missing, one))))
    )


def test_in_an_expectation_every_name_has_a_side() -> None:
    assert parse_condition("to.a >= from.@time", sides=True) == Comparison(
        ">=", Name("a", "to"), Name("@time", "from")
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5%", Fraction(1, 20)), ("-2.50", Fraction(-5, 2)), ("+1", Fraction(1)),
        ("1ns", Fraction(1, 10**9)), ("1us", Fraction(1, 10**6)), ("1\u00b5s", Fraction(1, 10**6)),
        ("1\u03bcs", Fraction(1, 10**6)), ("800ms", Fraction(4, 5)), ("30s", Fraction(30)),
        ("30sec", Fraction(30)), ("5min", Fraction(300)), ("2h", Fraction(7200)),
        ("1d", Fraction(86400)), ("1day", Fraction(86400)), ("2days", Fraction(172800)),
        ("3B", Fraction(3)), ("1kB", Fraction(1000)), ("1KB", Fraction(1000)),
        ("512MB", Fraction(512 * 10**6)), ("1GB", Fraction(10**9)), ("1TB", Fraction(10**12)),
        ("1KiB", Fraction(1024)), ("64MiB", Fraction(2**26)), ("1GiB", Fraction(2**30)),
        ("1TiB", Fraction(2**40)), ("10/min", Fraction(1, 6)), ("10/s", Fraction(10)),
        ("36/h", Fraction(1, 100)),
    ],
)  # fmt: skip
def test_a_number_is_exact_and_in_base_units(text: str, value: Fraction) -> None:
    assert parse_number(text) == Number(value, text)
    assert parse_condition(f"a == {text}") == Comparison("==", A, Number(value, text))


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ('phase = "x"', 6, "`=` is no operator", "did you mean ==?"),
        ('a === "x"', 2, "`===` is no operator", "did you mean ==?"),
        ('a : "x"', 2, "`:` is no operator", "did you mean ==?"),
        ('a !== "x"', 2, "`!==` is no operator", "did you mean !=?"),
        ('a =~ "x"', 2, "`=~` is no operator", "did you mean matches?"),
        ('a=~"x"', 1, "`=~` is no operator", "did you mean matches?"),
        ('a !~ "x"', 2, "`!~` is no operator", "did you mean not \u2026 matches?"),
        ('!(a == "x")', 0, "`!` is no operator", "did you mean not, or !=?"),
        ('a == "x" && b == 1', 9, "`&&` is no operator", "did you mean and?"),
        ('a == "x"||b == 1', 8, "`||` is no operator", "did you mean or?"),
        ("a == 1, b == 1", 6, "expected `and`, `or` or the end", "did you mean and?"),
        ("a => 1", 2, "`=>` is no operator", "did you mean >=?"),
        ("a =< 1", 2, "`=<` is no operator", "did you mean <=?"),
        ("a + 1 == 2", 2, "expected an operator", "there is no arithmetic"),
        ("$a == 1", 0, "expected a comparison", "a field is written without $"),
        ("a matches /x/", 10, "got `/`", 'a text or a pattern is in quotes: "\u2026"'),
        ('a in ("x")', 5, "expected `[`", "did you mean in [\u2026]?"),
        ('a not like "x"', 2, "expected an operator", "did you mean not a like \u2026?"),
        ('a is not "x"', 9, "expected `missing` or `void`", 'did you mean != "x"?'),
        ("a <> 1", 3, "expected a field, a number or a string, got `>`", "did you mean !=?"),
        ('a lik "x"', 2, "expected an operator", "did you mean like?"),
        ('a contains "x"', 2, "expected an operator", 'did you mean like "*\u2026*"?'),
        ('a not in ["x"]', 2, "expected an operator", "did you mean not a in [\u2026]?"),
        ("a is null", 5, "expected `missing` or `void`, got `null`", "did you mean is void?"),
        ('a is "x"', 5, "expected `missing` or `void`", 'did you mean == "x"?'),
        ("a == 1 AND b == 1", 7, "expected `and`, `or` or the end, got `AND`", "did you mean and?"),
        ("a == 1 & b == 1", 7, "`&` is no operator", "did you mean and?"),
        ("a > 1 day", 6, "got `day`", "a unit directly follows its number: 1day"),
        ("a > 5secs", 5, "`secs` is no unit", "did you mean 5sec?"),
        ("a in [5secs]", 7, "`secs` is no unit", "did you mean 5sec?"),
        ("a > 30m", 6, "`m` is no unit", "did you mean 30min? m alone is ambiguous"),
        ("a > 10/minute", 6, "`/minute` is no unit", "did you mean 10/min?"),
        ("a > 2 hours", 6, "got `hours`", "a unit directly follows its number: 2h"),
        ("a > .5", 4, "got `.`", "did you mean 0.5?"),
        ("a > -.5s", 4, "got `-`", "did you mean -0.5s?"),
        ("a == false", 5, "`false` reads as the name", 'a text is written "false"'),
        ("a != YES", 5, "`YES` reads as the name", 'a text is written "YES"'),
        ("a in [1, True]", 9, "`True` reads as the name", 'a text is written "True"'),
        ("a == Null", 5, "`Null` reads", 'a text is written "Null"; for no value: is void'),
        ('"x" == none', 7, "`none` reads", 'a text is written "none"; for no value: is void'),
        ("exists(a)", 6, "expected an operator", "did you mean a is not missing?"),
        ("void( a.b )", 4, "expected an operator", "did you mean a.b is void?"),
        ("len(a) > 5", 3, "expected an operator", "there are no functions, only operators"),
        ("exists(", 6, "expected an operator", "there are no functions, only operators"),
        ("a > 1e3", 4, "`1e3` reads as the name of a field", 'write 1000; a text is written "1e3"'),
        ("a == 2.50E-2", 5, "`2.50E-2` reads as", 'write 0.025; a text is written "2.50E-2"'),
        ("a in [1, 1e3]", 9, "`1e3` reads as the name of a field", None),
        ("a < 1_000", 4, "`1_000` reads as", 'write 1000; a text is written "1_000"'),
        ("a == 0x1F", 5, "`0x1F` reads as", 'write 31; a text is written "0x1F"'),
        ("a == 1e99", 5, "`1e99` reads as", 'a text is written "1e99"'),
        ("a == 1.5.2", 5, "`1.5.2` reads as", 'a text is written "1.5.2"'),
        ("a == 1e" + "3" * 50, 5, "reads as the name of a field", "a text is in quotes"),
        ("a > 1/fortnight", 5, "`/fortnight` is no unit", None),
        ("(a == 1", 7, "expected `)`, got the end", None),
        ("a == 1)", 6, "expected the end, got `)`", None),
        ('a == "x', 5, "this string is never closed", 'close it with "'),
        ("a == \u201cx\u201d", 5, "got `\u201c`", 'straight quotes: "'),
        ("@levl == 1", 0, "`@levl` is no attribute of a line", "did you mean @level?"),
        ("from.@time == 1", 0, "`from.@time` has a side", "did you mean @time?"),
        ("1 == 1", 0, "two literals compare always the same", "one side is a field"),
        ('"a" == "a"', 0, "two literals compare always the same", None),
        ('1 like "a"', 0, "the left side of `like` is a field", None),
        ("1 is missing", 0, "the left side of `is missing` is a field", None),
        ("a like b", 7, "the right side of `like` is a string in quotes", 'did you mean "b"?'),
        ("a matches 5", 10, "the right side of `matches` is a string", 'did you mean "5"?'),
        ('a >= "5"', 5, "`>=` compares numbers, not strings", "without the quotes: 5"),
        ('"x" < a', 0, "compares numbers, not strings", "did you mean ==?"),
        ('a matches "(x"', 10, "this pattern cannot be used: unclosed group", None),
        ('a matches "x(?=y)"', 10, "this pattern cannot be used: look-around", None),
        ("in == 1", 0, "expected a comparison, got `in`", "`in` is a keyword and names no field"),
        ("a in []", 6, "expected a field, a number or a string, got `]`", None),
        ("", 0, "expected a comparison, got the end", None),
        ("a", 1, "expected an operator", None),
        ("a == " + "1" * 41, 5, "a number has at most 40 digits", None),
    ],
)
def test_a_bad_condition_is_told_with_its_place_and_a_hint(
    text: str, position: int, message: str, hint: str | None
) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert message in caught.value.message
    assert caught.value.position == position
    assert hint is None or caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("AB count >= 1", 3, "did you mean AB where count \u2026?"),
        ("AB wher count >= 1", 3, "did you mean where?"),
        ("AB WHERE a == 1", 3, "did you mean where?"),
        ('phase == "x"', 6, "did you mean * where phase == \u2026?"),
        ("AB or CD", 3, ONE_TAG),
        ("AB AND CD", 3, ONE_TAG),
        ("AB,CD where a == 1", 2, ONE_TAG),
        ("AB || CD", 3, ONE_TAG),
        ("AB or CDe", 3, "a selector has one TAG or named event, and then: where \u2026"),
        ("AB or " * 8 + "CD", 3, "a selector has one TAG or named event, and then: where \u2026"),
        ("AB or planned", 3, "a selector has one TAG or named event, and then: where \u2026"),
        ("AB and a == 1", 3, "a selector has one TAG or named event, and then: where \u2026"),
        ("plannd", 0, "did you mean planned?"),
        ("Outbox_Trace where a == 1", 0, "a TAG is upper case: OUTBOX_TRACE"),
        ("", 0, None),
    ],
)
def test_a_bad_selector_is_told_with_its_place_and_a_hint(
    text: str, position: int, hint: str | None
) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_selector(text, {"planned": Selector("AB", None, "AB")})
    assert (caught.value.position, caught.value.hint) == (position, hint)


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("to.a == 1 and count >= 1", 14, "did you mean from.count or to.count?"),
        ("@time > 1", 0, "did you mean from.@time or to.@time?"),
        ("from. == 1", 0, "did you mean from.x or to.x?"),
    ],
)
def test_a_name_without_a_side_is_refused_in_an_expectation(
    text: str, position: int, hint: str
) -> None:
    with pytest.raises(ConditionError, match="is on neither side") as caught:
        parse_condition(text, sides=True)
    assert (caught.value.position, caught.value.hint) == (position, hint)


@pytest.mark.parametrize("text", ["(" * 5000 + "a == 1", "not " * 5000 + "a == 1",
                                  "not (" * 2000 + "a == 1"])  # fmt: skip
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(text: str) -> None:
    with pytest.raises(ConditionError, match="nested more than 64 deep"):
        parse_condition(text)


def test_many_groups_side_by_side_are_not_deep() -> None:
    condition = parse_condition(" and ".join(["(not (a == 1))"] * 500))
    assert isinstance(condition, And)
    assert len(condition.terms) == 500


def test_a_huge_condition_is_refused() -> None:
    with pytest.raises(ConditionError, match="at most 65536 characters"):
        parse_condition("a == 1 and " * 6000 + "a == 1")


def test_a_message_shows_no_control_character_of_the_rule_file() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition("a == \x1b[31m")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "nanoseconds"), [("30s", 30 * 10**9), ("1.5h", 5400 * 10**9), ("0s", 0), ("1ns", 1)]
)
def test_a_duration_is_whole_nanoseconds(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("30", "did you mean 30s?"), ("1 day", "did you mean 1day?"), ("x", None),
        ("2 hours", "did you mean 2h?"), ("2H", "did you mean 2h?"), (".5h", "did you mean 0.5h?"),
        ("30m", "did you mean 30min? m alone is ambiguous"),
        ("30M", "units: ns us ms s sec min h d day days"),
        ("5%", "units: ns us ms s sec min h d day days"), ("-1s", "0s to 106751d"),
        ("0.5ns", None), ("999999d", "0s to 106751d"),
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str, hint: str | None) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_duration(text)
    assert caught.value.hint == hint


def test_a_percentage_is_an_exact_share_of_one() -> None:
    assert parse_percent("99.5%").share == Fraction(199, 200)
    assert parse_percent("99.5%").text == "99.5%"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("95", "did you mean 95%?"), ("5 %", "did you mean 5%?"), ("5s", None),
        ("101%", "0% to 100%"), ("-1%", "0% to 100%"),
        ("0.995", "did you mean 99.5%?"), ("1.0", "did you mean 100%?"),
        ("1", "did you mean 100%?"), ("0", "did you mean 0%?"),
        (".5", "did you mean 50%?"), ("1.5", "did you mean 1.5%?"),
        ("0." + "1" * 38, "did you mean 11." + "1" * 36 + "%?"),
    ],
)  # fmt: skip
def test_what_is_no_percentage_is_refused(text: str, hint: str | None) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_percent(text)
    assert caught.value.hint == hint


def test_names_are_found_with_their_places_but_not_inside_strings() -> None:
    text = 'AB where count == "count" and from.x > 1'
    assert list(names_with_places(text)) == [("AB", 0), ("count", 9), ("from.x", 30)]


# ---- laws ---------------------------------------------------------------------------------


def _is_name(text: str) -> bool:
    if text.lower() in ("true", "false", "yes", "no", "null", "none"):
        return False
    return text not in KEYWORDS[:8] and parse_number(text) is None and not text[0].isdigit()


names = st.from_regex(NAME, fullmatch=True).filter(_is_name).map(Name)
strings = st.text(max_size=8).map(Text)
numbers = st.builds(
    lambda digits, unit: parse_number(f"{digits}{unit}"),
    st.from_regex(r"[+-]?[0-9]{1,5}(\.[0-9]{1,3})?", fullmatch=True).map(str.strip),
    st.sampled_from(["", *UNITS]),
)
operands: st.SearchStrategy[Operand] = st.one_of(names, strings, numbers)
leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Comparison, st.sampled_from(["==", "!="]), names, operands),
    st.builds(Comparison, st.sampled_from(["<", "<=", ">", ">="]), names, numbers | names),
    st.builds(Membership, names, st.lists(operands, min_size=1, max_size=3).map(tuple)),
    st.builds(Like, names, st.text(max_size=6)),
    st.builds(Matches, names, st.from_regex(r"[a-z\\\"' ]{0,3}[a-z]", fullmatch=True).map(
        lambda text: text.replace("\\", "\\\\"))),
    st.builds(IsMissing, names),
    st.builds(IsVoid, names),
)  # fmt: skip
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(tree: Condition | Operand) -> str:
    """The text of a condition, with more parentheses than it needs."""
    match tree:
        case Name():
            return tree.name
        case Number():
            return tree.text
        case Text():
            return quote(tree.value)
        case Comparison():
            return f"{written(tree.left)} {tree.operator} {written(tree.right)}"
        case Membership():
            return f"{tree.name.name} in [{', '.join(map(written, tree.items))}]"
        case Like():
            return f"{tree.name.name} like {quote(tree.glob)}"
        case Matches():
            return f"{tree.name.name} matches {quote(tree.pattern)}"
        case IsMissing():
            return f"{tree.name.name} is missing"
        case IsVoid():
            return f"{tree.name.name} is void"
        case Not():
            return f"not ({written(tree.term)})"
        case And():
            return " and ".join(f"({written(term)})" for term in tree.terms)
        case Or():
            return " or ".join(f"({written(term)})" for term in tree.terms)


@settings(deadline=None)
@given(conditions)
def test_a_condition_that_is_written_down_reads_back_the_same(tree: Condition) -> None:
    assert parse_condition(written(tree)) == tree


words = st.sampled_from(
    ["AB", "*", "a", "from.b", "@time", "@x", "1", "5%", "5x", '"s"', "'", '"', "(", ")", "[", "]",
     ",", "==", "<", "=", "!", "\\", "\n", "\u00a0", *KEYWORDS]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(words, max_size=12).map(" ".join)), st.booleans())
def test_no_text_raises_anything_but_a_condition_error(text: str, sides: bool) -> None:
    for parse in (
        parse_selector,
        lambda text: parse_condition(text, sides),
        parse_duration,
        parse_percent,
    ):
        try:
            parse(text)
        except ConditionError as error:
            assert 0 <= error.position <= len(text)
            assert error.message
