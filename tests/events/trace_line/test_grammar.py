"""The grammar of trace lines: how blanks and named tags are read, and what its classes are."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from tracecheck.events.trace_line.grammar import character_class, read_trace_line

TAGS = frozenset({"AA", "AAB", "INFO"})


@pytest.mark.parametrize(
    ("text", "prefix", "tag", "segments"),
    [
        ("AA|a=1", "", "AA", [("a", "1")]),
        ("x AA  |  a=1  | b = 2 |  c= 3 ", "x ", "AA", [("a", "1"), (None, "b = 2"), ("c", " 3")]),
        ("CC|svc|INFO|AA|a=1", "CC|svc|INFO|", "AA", [("a", "1")]),
        ("CC|DD|a=1", "", "CC", [(None, "DD"), ("a", "1")]),
        ("CC|b=1|AA|a=1", "", "CC", [("b", "1"), (None, "AA"), ("a", "1")]),
        ("CC|b=AA|a=1", "", "CC", [("b", "AA"), ("a", "1")]),
        ("AA|AAB|a=1", "AA|", "AAB", [("a", "1")]),
        ("INFO|b=1|CC|a=1", "INFO|b=1|", "CC", [("a", "1")]),
        ("INFO |a=1", "", "INFO", [("a", "1")]),
        ("ERROR|x|INFO|a=1", "", "ERROR", [(None, "x"), (None, "INFO"), ("a", "1")]),
        ("a=1|AA|a=", "a=1|", "AA", [("a", "")]),
        ("AA|a=  |\t", "", "AA", [("a", ""), (None, "")]),
    ],
)
def test_a_line_is_read_by_its_tag_and_segments(text, prefix, tag, segments):
    found = read_trace_line(text, TAGS)
    assert found is not None
    assert (found.prefix, found.tag, list(found.segments)) == (prefix, tag, segments)


@pytest.mark.parametrize("text", ["CC |a=1", "ERROR |a=1", "xAA|a=1", "AA|x", "AA", "AAx=1", ""])
def test_a_line_without_a_tag_and_a_field_is_none(text):
    assert read_trace_line(text, TAGS) is None


def test_thousands_of_named_tags_make_no_large_pattern():
    tags = frozenset(f"SERVICE_{number:05d}_{'X' * 80}" for number in range(5000))
    tag = min(tags)
    found = read_trace_line(f"PROD|svc|{tag} | a=1", tags)
    assert found is not None
    assert (found.tag, found.fields) == (tag, {"a": "1"})


def test_a_condition_names_fields_as_a_trace_line_does():
    grammar = resources.files("tracecheck.conditions").joinpath("condition.lark").read_text("utf-8")
    assert f"\nNAME: /{character_class('NAME')}/\n" in grammar


@pytest.mark.parametrize("name", ["WORD_CHAR", "NAME_CHAR"])
def test_a_class_of_characters_is_one_that_can_be_turned_round(name):
    assert re.fullmatch(r"\[[^^\]]+\]", character_class(name))
