"""Keys are told apart however their bytes arrive."""

from __future__ import annotations

import os
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.cli.terminal.keyboard import PATIENCE, Keyboard, Keys


def _fed(*parts: bytes) -> list[str]:
    keys = Keys()
    return [key for part in parts for key in keys.feed(part, 1.0)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"q", ["quit"]),
        (b"pP", ["pause", "pause"]),
        (b"jk", ["down", "up"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA\x1bOB", ["up", "down"]),
        (b"\x1b[1;5A", ["up"]),
        (b"\x1b[3~\x1b[H\x1bOP\x1b[C", []),
        (b"\x1b\x1b[B", ["back", "down"]),
        (b"\x1bq", ["back", "quit"]),
        ("xyz \t\r é 客".encode(), []),
        (b"\x1b[200~q", ["quit"]),
    ],
)
def test_bytes_are_keys(data: bytes, expected: list[str]) -> None:
    assert _fed(data) == expected


@pytest.mark.parametrize("sequence", [b"\x1b[A", b"\x1bOA", b"\x1b[1;5A"])
def test_an_arrow_that_comes_in_parts_is_an_arrow(sequence: bytes) -> None:
    for at in range(1, len(sequence)):
        assert _fed(sequence[:at], sequence[at:]) == ["up"]
    assert _fed(*(bytes([one]) for one in sequence)) == ["up"]


def test_an_escape_alone_is_the_key_once_nothing_followed() -> None:
    keys = Keys()
    assert keys.feed(b"\x1b", 1.0) == []
    assert keys.feed(b"", 1.0 + PATIENCE / 2) == []
    assert keys.feed(b"", 1.0 + PATIENCE * 2) == ["back"]
    assert keys.feed(b"", 9.0) == []


def test_a_sequence_that_never_ends_is_dropped() -> None:
    keys = Keys()
    assert keys.feed(b"\x1b[", 1.0) == []
    assert keys.feed(b"", 2.0) == []
    assert keys.feed(b"A", 3.0) == []


@given(st.lists(st.binary(max_size=50)))
def test_whatever_is_typed_nothing_is_kept_that_grows(parts) -> None:
    keys = Keys()
    for part in parts:
        keys.feed(part, 1.0)
        assert len(keys.begun) <= 32


@given(st.lists(st.sampled_from([b"q", b"\x1b[A", b"\x1bOB", b"p", b"x"])), st.data())
def test_where_the_bytes_are_cut_changes_nothing(typed, data) -> None:
    whole = b"".join(typed)
    at = data.draw(st.integers(0, len(whole)))
    assert _fed(whole[:at], whole[at:]) == _fed(whole)


# --- a terminal -------------------------------------------------------------------------------


def test_a_keyboard_reads_without_waiting_and_leaves_the_terminal_as_it_was() -> None:
    ours, theirs = os.openpty()
    before = termios.tcgetattr(theirs)
    with Keyboard(theirs) as keyboard:
        assert not termios.tcgetattr(theirs)[3] & (termios.ECHO | termios.ICANON)
        assert termios.tcgetattr(theirs)[3] & termios.ISIG
        assert keyboard.read(1.0) == []
        os.write(ours, b"j\x1b[A")
        assert keyboard.read(1.0) == ["down", "up"]
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_a_keyboard_whose_terminal_is_gone_is_silent() -> None:
    ours, theirs = os.openpty()
    with Keyboard(theirs) as keyboard:
        os.close(ours)
        assert keyboard.read(1.0) == keyboard.read(2.0) == []
    os.close(theirs)


def test_what_is_no_terminal_is_no_keyboard() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"qqq, a log")
    with Keyboard(reading) as keyboard:
        assert keyboard.read(1.0) == []
    with Keyboard(None) as keyboard:
        assert keyboard.read(1.0) == []
    assert os.read(reading, 3) == b"qqq"
    os.close(reading)
    os.close(writing)


def test_a_log_that_is_typed_is_not_taken_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    before = termios.tcgetattr(theirs)
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        os.write(ours, b"q\n")
        with Keyboard.find(log_on_stdin=True) as keyboard:
            assert termios.tcgetattr(theirs) == before
            assert keyboard.read(1.0) == []
        assert stdin.readline() == "q\n"
        with Keyboard.find() as keyboard:
            os.write(ours, b"q")
            assert keyboard.read(1.0) == ["quit"]
    os.close(ours)


def test_a_log_that_is_piped_in_is_never_taken_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_):
        raise OSError

    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr("os.open", refuse)
    with Keyboard.find() as keyboard:
        assert keyboard.read(1.0) == []
