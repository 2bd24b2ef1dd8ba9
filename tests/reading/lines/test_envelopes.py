"""Messages in JSON objects: behind which prefixes, under which names, and what they say."""

from __future__ import annotations

import json
from unittest import mock

import oracle.lines
import oracle.times
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from laws import examples

from tracecheck.reading.lines import json_layouts
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.decoding import decode
from tracecheck.reading.lines.envelopes import DEEPEST

NINE_PM = 1_766_091_600_000_000_000
TAGS = frozenset({"BB"})


def unwrapped(*lines: str, zone: str = "UTC") -> list[tuple]:
    """Text, time, level and logger of each line."""
    cutter = Cutter()
    cutter.begin(0)
    data = "".join(line + "\n" for line in lines).encode()
    blocks = [*cutter.feed(data), *cutter.end(closing=True)]
    read = []
    for block in blocks:
        frame = decode(block, tags=TAGS, timezone=zone).frame
        names = ("@text", "@stamp", "@level", "@logger")
        columns = [frame[one] if one in frame.columns else [None] * frame.height for one in names]
        read += zip(*columns, strict=True)
    return read


def text_of(line: str) -> str:
    return unwrapped(line)[0][0]


@pytest.mark.parametrize(
    "head",
    [
        "",
        " ",
        "\ufeff",
        "app-1  | ",
        "2025-12-18T21:00:00.1Z stderr F ",
        "2025-12-18T21:00:00.100Z ",
        "2026-04-13T10:00:00.123456Z 00O ",
        "Dec 18 21:00:00 host app[7]: ",
        "<13>1 2025-12-18T21:00:00Z host app 7 ID47 - ",
        "12:",
        "{x} {'a': 1} ",
        "AA|",
        "AA | ",
        "xBB|",
        "INFO     | app:plan:1 - ",
    ],
)
def test_an_object_that_ends_a_line_is_unwrapped_whatever_stands_before_it(head):
    assert text_of(head + '{"level": "info", "message": "AA|a=1", "seq": 0}') == "AA|a=1"


@pytest.mark.parametrize(
    "line",
    [
        'AA|a={"message":"x"}',
        'AA|note|a=1 {"message":"x"}',
        'p INFO|a=1 {"message":"x"}',
        'BB|{"message":"x"}',
        'p BB  | {"message":"x"}',
        '{"message":"x"} y',
        '{"message":"x"',
        '{"messages":"x"}',
        '{"message":7}',
        '{"a":{"message":"x"}}',
        '["message"]',
    ],
)
def test_a_line_in_which_a_trace_line_has_begun_or_that_holds_no_message_stays(line):
    assert text_of(line) == line


@pytest.mark.parametrize("name", oracle.lines.MESSAGES)
def test_each_name_of_a_message_is_known(name):
    assert text_of(json.dumps({"x": 1, name: "AA|a=1"})) == "AA|a=1"
    assert text_of(json.dumps({name: {"x": "y", "msg": "AA|a=1"}})) == "AA|a=1"


@pytest.mark.parametrize("name", oracle.lines.TIMES)
@pytest.mark.parametrize(
    "value",
    ["2025-12-18 22:00:00+01:00", "1766091600", 1766091600, 1766091600.0, NINE_PM],
)
def test_each_name_of_a_time_is_known_as_text_and_as_number(name, value):
    assert unwrapped(json.dumps({name: value, "msg": "m"})) == [("m", NINE_PM, None, None)]


@pytest.mark.parametrize("name", oracle.lines.LEVELS)
@pytest.mark.parametrize("value", ['"ERROR"', "50", "50.0", "5e1", "-0"])
def test_a_level_is_a_text_or_a_number_as_it_stands(name, value):
    line = f'{{"{name}": {value}, "msg": "m", "name": "n"}}'
    assert unwrapped(line) == [("m", None, value.strip('"'), "n")]


def test_objects_around_a_message_say_its_time_and_level_and_the_innermost_wins():
    inner = {"level": "in", "message": "m", "logger": "l"}
    outer = {"log": inner, "level": "out", "time": "2025-12-18T21:00:00Z", "name": "n"}
    again = {"message": json.dumps(outer), "ts": 1, "severity": "far"}
    assert unwrapped(json.dumps(again)) == [("m", NINE_PM, "in", "l")]
    assert unwrapped('{"log":{"level":"error"},"message":"m"}') == [("m", None, "error", None)]


def test_an_object_without_a_time_takes_the_stamp_before_it():
    line = '2025-12-18T21:00:00Z x {"message": "m"}'
    assert unwrapped(line) == [("m", NINE_PM, None, None)]
    line = '2025-12-18T22:00:00Z x {"time": "12:00", "ts": 1766091600, "message": "m"}'
    assert unwrapped(line) == [("m", NINE_PM, None, None)]


def test_envelopes_are_unwrapped_three_deep_and_no_deeper():
    line = "AA|a=1"
    for _ in range(3):
        line = json.dumps({"log": line + "\n"})
    assert text_of(line) == "AA|a=1"
    assert text_of(json.dumps({"log": line})) == json.dumps({"log": "AA|a=1\n"})


def test_what_journald_writes_as_bytes_is_text():
    said = list("\x1b[31mAA|a=é".encode())
    assert text_of(json.dumps({"MESSAGE": said})) == "AA|a=é"
    assert text_of(json.dumps({"MESSAGE": [65, 255]})) == "A\ufffd"
    for other in ([], [256], [-1], ["A"], [True]):
        assert text_of(json.dumps({"MESSAGE": other})) == json.dumps({"MESSAGE": other})


@pytest.mark.parametrize("name", ["message", "time", "level", "logger"])
@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "a\\ud83d"])
def test_half_a_surrogate_pair_in_any_field_is_replaced(name, half):
    fields = {"message": '"m"', "time": "1", "level": '"l"', "logger": '"n"', name: f'"{half}"'}
    line = "{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}"
    ((text, time, level, logger),) = unwrapped(line)
    for value in (text, level, logger):
        value.encode()
    assert time == (None if name == "time" else 1_000_000_000)


@pytest.mark.parametrize(
    "value",
    [
        "[" * 1100 + "]" * 1100,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "9" * 400,
        "1e999",
        "NaN",
        "Infinity",
    ],
)
@pytest.mark.parametrize("more", ["", '"x": NaN, '])
def test_what_no_parser_likes_does_not_hide_the_message(value, more):
    line = f'{{"time": {value}, {more}"message": "GUARD|level=CRITICAL"}}'
    assert unwrapped(line) == [("GUARD|level=CRITICAL", None, None, None)]


def test_a_message_is_looked_for_as_deep_as_the_limit_says():
    for depth, text in ((DEEPEST - 1, "m"), (DEEPEST, None)):
        line = '{"log":' * depth + '{"msg":"m"}' + "}" * depth
        assert text_of(line) == (text or line)


def test_many_braces_before_no_object_cost_no_more_than_a_glance():
    line = '{"a":' * 150_000 + "}"
    assert text_of(line) == line


# ---- the oracle, and the short cut ---------------------------------------------------------

_NAMES = (*oracle.lines.MESSAGES, *oracle.lines.TIMES, *oracle.lines.LEVELS, "logger", "name", "x")
_VALUES = (
    *("AA|a=1", "BB|b=1", "a\n", "a\r\n", "", "2025-12-18T21:00:00Z", "12:00", "1766091600", "é"),
    *("\ud800", "🦊", '{"message":"in"}', None, True, False, 0, 50, 1766091600, 1766091600.25, -5),
    *(float("nan"), 10**25, [], [1], [65, 66]),
)
_HEADS = (
    *("", "", "", " ", "2025-12-18T22:00:00Z ", "Dec 18 21:00:00 h a[1]: ", "app-1  | ", "AA|a=1 "),
    *("AA|", "BB |", "BB|", "INFO|a=", "AA | ", "1766091600.5 ", "{x} ", '{"a":1} ', '{"', "{"),
)
objects = st.recursive(
    st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(_VALUES), max_size=5),
    lambda inner: st.dictionaries(
        st.sampled_from(_NAMES),
        st.one_of(
            st.sampled_from(_VALUES),
            inner,
            st.tuples(st.sampled_from(_HEADS), inner).map(lambda of: of[0] + json.dumps(of[1])),
        ),
        max_size=5,
    ),
    max_leaves=6,
)


def written(head: str, envelope: dict, compact: bool, tail: str) -> str:
    separators = (",", ":") if compact else (", ", ": ")
    return head + json.dumps(envelope, separators=separators) + tail


lines = st.builds(
    written,
    st.sampled_from(_HEADS),
    objects,
    st.booleans(),
    st.sampled_from(("", "", "", "}", " x")),
)


@examples(250)
@given(lines=st.lists(lines, min_size=1, max_size=6), zone=st.sampled_from(("UTC", "Asia/Tokyo")))
def test_an_envelope_is_what_the_contract_says(lines, zone):
    """With and without layouts."""
    naive = oracle.times.zone(zone)
    expected = [oracle.lines.unwrap(line, naive, TAGS) for line in lines]
    assert unwrapped(*lines, zone=zone) == expected
    with mock.patch.object(json_layouts, "_FEW", 0):
        assert unwrapped(*lines, zone=zone) == expected


_TEXTS = (
    "AA|a=1",
    "a\\n",
    "a\\r\\n",
    "\\u00e9",
    "é",
    '\\"',
    "\\ud800",
    '{\\"msg\\":\\"in\\"}',
    "\t",
    "",
)
_ASKED = (*(f'"{one}"' for one in (*_TEXTS, "2025-12-18T21:00:00Z", "12:00", "1766091600")), "7")
_ASKED = (
    *_ASKED,
    "1766091600123",
    "-5",
    "-0",
    "1.5",
    "1e3",
    "null",
    "true",
    "[1]",
    "{}",
    "07",
    "9" * 30,
)


@examples(250)
@example(names=["message"], values=[[r'"a\r\n"'], ['"AA|a=1"']], head="")
@given(
    names=st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5),
    values=st.lists(st.lists(st.sampled_from(_ASKED), min_size=5, max_size=5), max_size=12),
    head=st.sampled_from(_HEADS),
)
def test_lines_that_fit_a_layout_are_read_as_all_others(names, values, head):
    lines = [
        head
        + "{"
        + ", ".join(f'"{name}": {one}' for name, one in zip(names, row, strict=False))
        + "}"
        for row in values
    ]
    parsed = unwrapped(*lines)
    with mock.patch.object(json_layouts, "_FEW", 0):
        assert unwrapped(*lines) == parsed


@pytest.mark.parametrize(
    "line",
    [
        '{"log":"AA|n=NUMBER\\n","stream":"stderr","time":"2025-12-18T21:00:00.000000000Z"}',
        '{"timestamp": "2025-12-18 21:00:00,000", "level": "INFO", "message": "AA|n=NUMBER"}',
        '2025-12-18T21:00:00Z {"pid":NUMBER,"v":[1.5,"x",{"y":null}],"msg":"AA|n=NUMBER"}',
        '{"level":30,"time":1766091600000,"msg":"AA|n=NUMBER"}',
    ],
)
def test_what_common_emitters_write_is_cut(line):
    lines = [line.replace("NUMBER", str(number)) for number in range(300)]
    with mock.patch("tracecheck.reading.lines.decoding.unwrap", side_effect=AssertionError):
        read = unwrapped(*lines)
    assert [one[:2] for one in read] == [(f"AA|n={number}", NINE_PM) for number in range(300)]
