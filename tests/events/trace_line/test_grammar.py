"""A line that should have been a trace line is told why it is none, at the right place."""

from __future__ import annotations

import re
from importlib import resources
from itertools import product

import polars as pl
import pytest

from tracecheck.events.trace_line.grammar import (
    character_class,
    explain_malformed,
    malformed_pattern,
    read_trace_line,
)

TAGS = frozenset({"AA", "AAB", "BB", "INFO"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AA", "AA at column 1 ends the line: its fields are cut off"),
        ("see AA", "AA at column 5 ends the line: its fields are cut off"),
        ("AA|", "AA| at column 1 has no field (name=value) after it"),
        ("x: AA|note|", "AA| at column 4 has no field (name=value) after it"),
        ("AA a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA:a=1", "AA at column 1 is followed by ':' where `|` should stand"),
        ("AA\na=1", "AA at column 1 is followed by '\\n' where `|` should stand"),
        ("AAB", "AAB at column 1 ends the line: its fields are cut off"),
        ("XAA AA=a=1 BB", "AA at column 5 is followed by '=' where `|` should stand"),
        # What is prose is passed over, whatever stands malformed behind it.
        ("AA is fine here BB|", "BB| at column 17 has no field (name=value) after it"),
        ("AA.x=1 AA-y=1 BB", "BB at column 15 ends the line: its fields are cut off"),
        ("AA BB CC AA", "AA at column 10 ends the line: its fields are cut off"),
        ("AA: a=1 BB a=1", "BB at column 9 is followed by ' ' where `|` should stand"),
        # A level word stands in any line.
        ("INFO: AA|", "AA| at column 7 has no field (name=value) after it"),
        ("INFO|AA|", "AA| at column 6 has no field (name=value) after it"),
        ("INFO a=1 BB", "BB at column 10 ends the line: its fields are cut off"),
    ],
)
def test_a_malformed_line_is_explained_by_the_tag_that_stands_malformed(text, said):
    assert read_trace_line(text) is None
    assert explain_malformed(text, TAGS) == said


def test_no_line_is_malformed_by_a_level_word():
    assert malformed_pattern(frozenset({"INFO", "ERROR"})) is None
    assert malformed_pattern(frozenset()) is None


def test_both_engines_find_the_same_tag_malformed():
    """On all short texts over the characters that matter."""
    pattern = malformed_pattern(TAGS)
    pieces = ("AA", "AAB", "BB", "INFO", "x=", "|", " ", "-", "\n", "é")
    texts = ["".join(some) for length in range(6) for some in product(pieces, repeat=length)]
    series = pl.Series(texts)
    found = pl.DataFrame({"at": series.str.find(pattern), "tag": series.str.extract(pattern)})
    for text, (at, tag) in zip(texts, found.iter_rows(), strict=True):
        if at is not None:
            match = re.search(pattern, text)
            assert (len(text[: match.start()].encode()), match[1]) == (at, tag), repr(text)


def test_a_condition_names_fields_as_a_trace_line_does():
    grammar = resources.files("tracecheck.conditions").joinpath("condition.lark").read_text("utf-8")
    assert f"\nNAME: /{character_class('NAME')}/\n" in grammar


@pytest.mark.parametrize("name", ["WORD_CHAR", "NAME_CHAR"])
def test_a_class_of_characters_is_one_that_can_be_turned_round(name):
    assert re.fullmatch(r"\[[^^\]]+\]", character_class(name))
