"""Personal values never reach a report, however the line writes them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.text.masking import MASK, Masking

MASKING = Masking(frozenset({"phone", "msisdn", "tel\u00e9fono"}))
MARKER = "5511"
MIB = 2**20


@pytest.mark.parametrize(
    "text",
    [
        "AA|phone=5511|b=keep",
        "AA|msisdn=5511|b=keep",
        "AA|phone = 5511 |b=keep",
        "AA|phone =5511|b=keep",
        "--phone=5511",
        "sent to phone = 5511",
        'keep {"phone": "5511", "b": "keep"}',
        'keep {"phone": 5511, "b": "keep"}',
        'keep {"phone": ["5511", "5511"], "b": "keep"}',
        'keep {"phone": {"n": "5511"}, "b": "keep"}',
        'keep {\\"phone\\": \\"5511\\", \\"b\\": \\"keep\\"}',
        "keep {'phone': '5511', 'b': 'keep'}",
        'keep {"phone" => "5511", "b" => "keep"}',
        'keep "phone"="5511"',
        '{"phone": "55\\"11"}',
        "keep phone: 5511 keep",
        "GET /send?b=keep&phone%3D5511",
        "keep <phone>5511</phone> keep",
        '<phone kind="mobile">5511</phone>',
    ],
)
def test_a_personal_value_is_masked_in_a_text(text: str) -> None:
    """As a field, in JSON and what looks like it, in a query, in XML."""
    masked = MASKING.text(text)
    assert "5511" not in masked
    assert '55\\"11' not in masked
    assert MASK in masked
    assert masked.count("keep") == text.count("keep")


@pytest.mark.parametrize(
    "text",
    [
        # A field, its value with spaces in it, and one that begins with `>` or holds a pipe.
        "AA|phone=>5551 9559|b=keep",
        "AA|phone => 5551 9559 |b=keep",
        'AA|phone="55|55"|b=keep',
        "AA|b=keep|phone: +34 (55) 5559-55 55 keep",
        # Containers in containers, and brackets in strings.
        'keep {"phone": {"cc": {"x":1}, "number": "5552"}, "b": "keep"}',
        'keep {"phone":{"a":"}","b":"5551o"}, "b": "keep"}',
        'keep {"phone": ["x]y", "5553"], "b": "keep"}',
        'keep {"phone": [["a","b"],["5556"]], "b": "keep"}',
        "keep {'phone': ('5554','5555'), 'b': 'keep'}",
        'keep {\\"phone\\": {\\"n\\": {}, \\"m\\": \\"5551a\\"}, \\"b\\": \\"keep\\"}',
        "keep {phone: [O'Neill (x], 55), 55], b: keep}",
        "keep {'phone': Phone(cc=34, number='5551'), 'b': 'keep'}",
        "keep {'phone': <Phone number 5551>, 'b': 'keep'}",
        'keep "phone": {"a": [1, "5551"',
        # Strings: of bytes, with quotes, with backslashes at the end.
        "keep {'phone': b'55 5559', 'b': 'keep'}",
        "keep {'phone': 'it\\'s 5550', 'b': 'keep'}",
        'keep {"phone": {"a": "\\\\", "b": "}5511"}}',
        'keep \'{"phone": "a\\\\" 5511 5512"}\'',
        'keep "phone": "55 55',
        # Names and separators that are escaped.
        'keep {"ph\\u006fne":"55 55", "b": "keep"}',
        'keep {"\\u0070hone":"55 55", "b": "keep"}',
        'keep {\\"ph\\\\u006Fne\\":\\"55 55\\", \\"b\\": \\"keep\\"}',
        'keep {"tel\\u00e9fono":"55 55", "b": "keep"}',
        "keep {b'tel\\xc3\\xa9fono': b'55 55', 'b': 'keep'}",
        "keep ?tel%C3%A9fono%3D55%2055&b=keep",
        'keep {"text": "keep\\nphone=55 55"}',
        "keep phone\\u003d55 55|b=keep",
        "keep \\u0022phone\\u0022:\\u002255 55\\u0022|b=keep",
        "keep &quot;phone&quot;: &quot;55 55&quot;|b=keep",
        "GET /send?phone%3A5555&b=keep",
        "GET /send?a=%7B%22phone%22%3A%2255%2055%22%7D&b=keep",
        "GET /send?a=%257B%2522phone%2522%253A%252255%22&b=keep",
        # XML: with a prefix, with elements and attributes, inside XML.
        "keep <ns2:phone>5555</ns2:phone> keep",
        "keep <phone><cc>55</cc><n>55</n></phone> keep",
        'keep <phone n="55"/><b>keep</b>',
        "keep <phone>55|b=keep",
        "keep &lt;phone&gt;55 55&lt;/phone&gt;|b=keep",
    ],
)
def test_no_part_of_a_personal_value_is_shown(text):
    masked = MASKING.text(text)
    assert "55" not in masked
    assert MASK in masked
    assert masked.count("keep") == text.count("keep")


PIECES = st.sampled_from([MARKER, *"{}[]()<>\"'\\|,:;=&% \n\u00e9", "a", "b'", "\\\\", '\\"'])
STRINGS = st.lists(PIECES, max_size=6).map("".join)
BESIDE = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), STRINGS.map(lambda one: one.replace(MARKER, ""))
)


def nested(leaves, *containers: Callable):
    def within(values):
        mappings = st.dictionaries(STRINGS, values, max_size=3)
        lists = st.lists(values, max_size=3)
        return mappings | st.one_of([lists.map(make) for make in containers])

    return st.recursive(leaves | st.just(int(MARKER)) | st.none(), within, max_leaves=8)


def assert_hidden(text):
    """No marker, and what is before the name as it was."""
    masked = MASKING.text(text)
    assert MARKER not in masked
    assert MASK in masked
    assert masked.startswith(text[: text.index("phone")])


@given(nested(STRINGS, list), BESIDE, BESIDE, st.lists(st.sampled_from([json.dumps, repr])))
def test_no_json_value_is_shown_however_often_it_is_in_a_string(value, before, after, wraps):
    """JSON in JSON in JSON, and in what Python prints."""
    text = json.dumps({**before, "phone": value} | {f"z{one}": after[one] for one in after})
    for wrap in wraps[:3]:
        text = wrap(text)
    assert_hidden(text)


@given(
    nested(STRINGS | STRINGS.map(str.encode), list, tuple),
    BESIDE,
    st.lists(st.sampled_from([json.dumps, repr])),
)
def test_no_python_value_is_shown_however_often_it_is_in_a_string(value, before, wraps):
    text = repr({**before, "phone": value, "z": 1})
    for wrap in wraps[:3]:
        text = wrap(text)
    assert_hidden(text)


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        ('{\\"phone\\":\\"', "\\"),
        ("", "\\"),
        ("phone", "\\"),
        ("pho", "\\"),
        ("pho", "\\u0070"),
        ("phone", " "),
        ("phone: 5", " 5"),
        ("phone%", "25"),
        ("", "phone "),
        ("", '"phone'),
        ("", "phone="),
        ("", "phone=|"),
        ("", "phone=>|"),
        ("", "phone%3A&"),
        ("", "phone:"),
        ("", "phone: "),
        ("", "phone: ,"),
        ("", "phone: 5,"),
        ("", "phone: '"),
        ("", 'phone: \\"'),
        ("", "phone: 'a',"),
        ("", '"phone": {'),
        ("", '"phone": {},'),
        ("", "phone: [[[[["),
        ("phone: ", "["),
        ("phone: ", "[]"),
        ("phone: {", "o'"),
        ("", "<phone>"),
        ("", "<phone "),
        ("", "</phone><phone>"),
        ("</x><", "a:"),
        ("", "<"),
        ("", "phone&quot;"),
    ],
)
def test_a_long_hostile_line_is_masked(begin, again):
    """Every character is looked at a few times: were it quadratic, this would not end."""
    line = (begin + again * (MIB // len(again)))[:MIB]
    assert len(MASKING.text(line)) <= 2 * MIB


@pytest.mark.parametrize(
    "text",
    ["AA|xphone=5511", "AA|phones=5511", "AA|phone=|b=5511", "the phone rings 5511", "phone_id: 1"],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """Other names, empty values, prose."""
    assert MASKING.text(text) == text


def test_nothing_is_masked_where_nothing_is_personal() -> None:
    """An empty list in the rule file lifts it."""
    assert Masking().text("AA|phone=5511") == "AA|phone=5511"
    assert Masking().value("phone", "5511") == "5511"


def test_a_value_is_masked_by_its_name_or_by_what_it_holds() -> None:
    """A field that is not personal may carry one that is."""
    assert MASKING.value("phone", "5511") == MASK
    assert MASKING.value("phone", "") == ""
    assert MASKING.value("text", "hello") == "hello"
    assert MASKING.value("body", '{"phone": "5511"}') == f'{{"phone": "{MASK}"}}'
