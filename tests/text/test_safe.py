"""Log text is shown and never obeyed."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.strategies import nasty_text

from tracecheck.text.safe import clipped, many_lines, one_line, shown

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
COMMAND = re.compile(r"##[a-z]*\[", re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, [red]no markup[/red]", "plain text, [red]no markup[/red]"),
        ("a\\b stays a\\b", "a\\b stays a\\b"),
        ("\x1b[31mred\x07\r\n\t\x00\x7f", r"\x1b[31mred\x07\x0d\x0a\x09\x00\x7f"),
        ("\x9b2J\x85", r"\x9b2J\x85"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("a\u200bb\u200db\ufeff\u00ad", r"a\u200bb\u200db\ufeff\xad"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud800\ue000\uffff", r"\ud800\ue000\uffff"),
        ("\U000e0041\U0010ffff", r"\U000e0041\U0010ffff"),
        ("\u3164\U000e0100", r"\u3164\U000e0100"),
        ("客户 😀 é ❤\ufe0f \u00a0", "客户 😀 é ❤\ufe0f \u00a0"),
        (
            "##[error]x ##vso[task]y ##TeamCity[z]",
            r"##\x5berror]x ##vso\x5btask]y ##TeamCity\x5bz]",
        ),
        ("# ##x, a[1] #[2]", "# ##x, a[1] #[2]"),
    ],
)
def test_what_cannot_be_seen_is_written_out_and_the_rest_stays(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_for_an_ascii_output_everything_else_is_written_out() -> None:
    assert shown("né 客 😀", ascii=True) == r"n\xe9 \u5ba2 \U0001f600"


@given(st.text() | nasty_text())
def test_no_character_that_acts_or_hides_is_ever_left(text: str) -> None:
    for one in (shown(text), one_line(text), clipped(text)):
        assert not {unicodedata.category(c) for c in one} & HIDDEN
        assert not COMMAND.search(one)


@given(st.text() | nasty_text())
def test_for_ascii_nothing_but_printable_ascii_is_left(text: str) -> None:
    assert all(" " <= c <= "~" for c in clipped(text, ascii=True))


@given(nasty_text())
def test_showing_twice_changes_nothing(text: str) -> None:
    assert shown(shown(text)) == shown(text)


def test_a_text_of_a_mebibyte_is_cut_and_says_how_long_it_was() -> None:
    assert clipped("x" * 1_048_576, 5) == "xxxxx… (1,048,576 characters)"
    assert clipped("x" * 1_048_576, 5, ascii=True) == "xxxxx... (1,048,576 characters)"
    assert clipped("xxxxx", 5) == "xxxxx"


def test_a_text_that_grows_when_shown_is_cut_too() -> None:
    assert clipped("\x00" * 4, 8) == r"\x00\x00… (4 characters)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no such file: a\nb", r"no such file: a\x0ab"),
        ("::error::x", r"\x3a:error::x"),
        ("  ##vso x", r"  \x23#vso x"),
        ("\u3000::x", "\u3000\\x3a:x"),
        ("", ""),
    ],
)
def test_a_message_is_one_line_that_no_runner_takes_for_a_command(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_a_message_of_several_lines_keeps_them_and_each_is_safe() -> None:
    assert many_lines("a:1:2: bad\x1b\n::x\n  ^") == "a:1:2: bad\\x1b\n\\x3a:x\n  ^"
