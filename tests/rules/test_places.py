"""Places inside scalars, and files that nobody would write by hand."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.rule_texts import load_text
from tracecheck.errors import RuleFileError
from tracecheck.rules.source_text import RuleText, aligned

from .kinds import KINDS

WORDS = st.lists(st.text("ab'\"\\# :", min_size=1, max_size=6), min_size=1, max_size=12)


@settings(deadline=None)
@given(WORDS, st.sampled_from([None, "'", '"', "|", ">"]), st.integers(12, 40))
def test_a_character_of_a_scalar_is_found_in_the_file(
    words: list[str], style: str | None, width: int
) -> None:
    value = " ".join(words)
    text = yaml.dump({"key": {"inner": value}}, default_style=style, width=width)
    node = yaml.compose(text)
    scalar = node.value[0][1].value[0][1]
    raw = text[scalar.start_mark.index : scalar.end_mark.index]
    places = aligned(value, raw, scalar.style)
    assert places is not None
    for char, place in zip(value, places, strict=False):
        if not char.isspace():
            assert raw[place] in (char, "\\")


def test_a_position_counts_every_kind_of_line_end() -> None:
    text = RuleText("a", "x\r\ny\rz\nw\u2028v")
    assert [text.position(place) for place in (0, 3, 5, 7, 9)] == [
        (1, 1), (2, 1), (3, 1), (4, 1), (4, 3)
    ]  # fmt: skip


def test_an_excerpt_keeps_tabs_and_shows_no_control_character() -> None:
    assert RuleText("a", "\tk: \x1b[31m").excerpt(4) == "\tk: \ufffd[31m\n\t   ^"


def test_an_excerpt_of_a_long_line_is_short() -> None:
    shown, caret = RuleText("a", "x" * 5000 + "y" + "x" * 5000).excerpt(5000).split("\n")
    assert len(shown) == 100
    assert shown[caret.index("^")] == "y"


def test_a_comment_that_cuts_a_condition_off_is_named() -> None:
    text = 'version: 1\nrules:\n- id: a\n  forbid:\n    where: AB where a == "x #y"\n'
    with pytest.raises(RuleFileError, match="a # after a space begins a comment"):
        load_text(text, KINDS)


PIECES = st.sampled_from(
    ["version: 1\n", "rules:\n", "  - id: a\n", "    forbid: {where: AB}\n", "vars: {v: 1}\n",
     "key: none\n", "events: {e: AB where x == ${v}}\n", "include: [x]\n", "&a ", "*a ", "!!int ",
     "<<: ", "- ", "? ", "| ", "> ", '"', "'", "\\x", "\\U99999999", "${", "$${v}", "{", "}", "[",
     "]", ":", "\n", "\t", "#", "%YAML 9.9\n", "---\n", "...\n", "\u2028", "\x85", "\ufeff", "\0",
     "1e999", "0x", "null", "yes", "aliases: {a: [b]}\n", "handoff: {from: e, to: e}\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)))
def test_no_text_raises_anything_but_a_rule_file_error(text: str) -> None:
    _load(text)


RULE_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.sampled_from(["AB where a == 1", "e", "none", "5%", "30s", "${v}", "forbid", "a"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["id", "key", "forbid", "handoff", "where", "from", "to", "expect", "steps",
                 "examples", "holds", "breaks", "with", "severity", "rate", "of", "at_least",
                 "wellformed", "count", "within", "sequence", "title", "v", "e", "fields"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["name", "vars", "key", "aliases", "void", "personal", "units", "events", "rules"]
        ),
        RULE_VALUES | st.lists(RULE_VALUES, max_size=3),
        max_size=5,
    )
)
def test_no_shape_raises_anything_but_a_rule_file_error(shape: dict[str, object]) -> None:
    _load(yaml.safe_dump({"version": 1, **shape}, sort_keys=False, allow_unicode=True))


def _load(text: str) -> None:
    try:
        load_text(text, KINDS)
    except RuleFileError as error:
        lines = text.count("\n") + text.count("\r") + 1
        for complaint in error.complaints:
            assert 1 <= complaint.line <= lines
            assert "\n" not in complaint.message
