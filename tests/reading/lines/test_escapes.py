"""Escape sequences of a terminal, in all their forms, are no part of a text."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.reading.lines.escapes import may_hold_escape, texts_without_escapes


def cleaned(*texts: str) -> list[str]:
    return texts_without_escapes(pl.Series(texts, dtype=pl.String)).to_list()


def may_hold(*texts: str) -> bool:
    return may_hold_escape("\n".join(texts).encode(), pl.Series(texts))


SEQUENCES = {
    "CSI, a colour": "\x1b[1;31m",
    "CSI, private": "\x1b[?25l",
    "CSI, 8 bit": "\x9b31m",
    "OSC, ended by BEL": "\x1b]0;title\x07",
    "OSC, ended by ST": "\x1b]8;;http://x\x1b\\",
    "OSC, 8 bit": "\x9d0;title\x9c",
    "DCS": "\x1bPq#0\x1b\\",
    "DCS, 8 bit": "\x90q#0\x9c",
    "SOS, PM, APC": "\x1bXa\x1b\\\x1b^b\x1b\\\x1b_c\x07",
    "a charset": "\x1b(B",
    "tput sgr0": "\x1b(B\x1b[m",
    "two bytes": "\x1bc\x1b7\x1b=\x1b>\x1bM",
    "one byte, 8 bit": "\x84\x85",
    "as rsyslog writes it": "#033[31m",
    "as rsyslog writes tput sgr0": "#033(B#033[m",
    "in hexadecimal": r"\x1b[0m\x1B[1;31m",
    "in octal": r"\033[0m",
    "as JSON writes it": r"\u001b[0m\u001B[31m",
    "in caret notation": "^[[0m",
    "what grep puts behind": "^[[m^[[K",
}


@pytest.mark.parametrize("form", SEQUENCES)
def test_a_sequence_is_removed_wherever_it_stands(form: str) -> None:
    one = SEQUENCES[form]
    text = f"{one}INFO{one} {one}é|{one}"
    assert cleaned(text, "plain", "é") == ["INFO é|", "plain", "é"]
    assert may_hold("plain", text)
    assert may_hold(f"a{one}")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b]0;title OUTBOX_TRACE|phase=1", "0;title OUTBOX_TRACE|phase=1"),
        ("\x1bPOUTBOX_TRACE|phase=1", "OUTBOX_TRACE|phase=1"),
        ("\x1b_OUTBOX_TRACE|phase=1 \x1b[0m", "OUTBOX_TRACE|phase=1 "),
        ("\x90OUTBOX_TRACE|phase=1", "OUTBOX_TRACE|phase=1"),
    ],
)
def test_a_string_without_an_end_hides_nothing(text: str, left: str) -> None:
    assert cleaned(text) == [left]


@pytest.mark.parametrize(
    "text",
    [
        "[31m",
        "#033",
        "^[31m",
        r"\x1b",
        r"\x1c[31m",
        "#33[31m",
        "a \x1b",
        "\x1b[31",
        "\xa0é–",
        "^[[A",
    ],
)
def test_what_is_no_sequence_stays(text: str) -> None:
    assert cleaned(text) == [text]


def test_sequences_are_removed_once_from_left_to_right() -> None:
    assert cleaned("\x1b\x1b[0m[31m") == ["\x1b[31m"]
    assert cleaned("#033#033[0m[1m") == ["#033[1m"]


def test_in_raw_json_an_escaped_backslash_begins_no_colour() -> None:
    raw = r'{"message":"\\x1b[31mOUTBOX\u001b[0m"}'
    assert cleaned(raw) == [r'{"message":"\\x1b[31mOUTBOX"}']
    assert cleaned(raw + "\x1b[0m") == [r'{"message":"\\x1b[31mOUTBOX"}']
    assert cleaned(r"C:\\x1b[31mOUTBOX") == ["C:\\OUTBOX"]


_ATOMS = (
    *("a", "m", "31", "[", "]", "P", "(B", "\\", "\\\\", "{", "}", '"', "é", " ", "K"),
    *("\x1b", "\x07", "\x1b\\", "\x9b", "\x9c", "\x90", "\x85", "#033", "\\x1b", "\\u001B", "^["),
)


@given(st.lists(st.lists(st.sampled_from(_ATOMS), max_size=12).map("".join), max_size=4))
def test_texts_are_cleaned_together_as_one_by_one(texts: list[str]) -> None:
    together = cleaned(*texts)
    assert together == [one for text in texts for one in cleaned(text)]
    assert may_hold(*texts) or together == texts
