"""Parts of lines, as CRI and docker write them, are the lines that were written."""

from __future__ import annotations

import json

import pytest

from tracecheck.reading.lines.long_lines import MAX_LINE

from .cutting import defects_of, lines_of, numbers_of

CRI = b"2025-12-18T21:00:00.1Z "


def docker(log: str, stream: str = "stdout", **others: object) -> bytes:
    object_ = {"log": log, "stream": stream, "time": "2025-12-18T21:00:00.1Z", **others}
    return json.dumps(object_, separators=(",", ":")).encode() + b"\n"


def logs_of(*files: list[bytes]) -> list[str]:
    return [json.loads(line)["log"] for line in lines_of(*files)]


def test_parts_of_docker_are_joined_up_to_the_newline() -> None:
    data = docker("OUTBOX_TRACE|pha") + docker("se=planner|", time="later") + docker("conv=1\n")
    first, second = lines_of([data + docker("b\n")])
    assert json.loads(first) == json.loads(docker("OUTBOX_TRACE|phase=planner|conv=1\n"))
    assert json.loads(second)["log"] == "b\n"
    assert numbers_of([data + docker("b\n")]) == [(0, 1), (0, 4)]


def test_parts_of_each_stream_are_joined_for_themselves() -> None:
    data = docker("a") + docker("x", "stderr") + docker("b\n") + docker("y\n", "stderr")
    assert logs_of([data]) == ["ab\n", "xy\n"]


def test_docker_and_cri_are_streams_of_their_own() -> None:
    data = CRI + b"stdout P a\n" + docker("x") + CRI + b"stdout F b\n" + docker("y\n")
    cri, joined = lines_of([data])
    assert cri == (CRI + b"stdout F ab").decode()
    assert json.loads(joined)["log"] == "xy\n"


@pytest.mark.parametrize("resumed", [False, True])
def test_a_part_goes_on_wherever_the_bytes_or_the_file_end(resumed: bool) -> None:
    first, second = docker("a\\"), docker("é\n", attrs={"label": "v\n"})
    whole = lines_of([first + second])
    assert [json.loads(line)["log"] for line in whole] == ["a\\é\n"]
    assert lines_of([first], [second], resumed=resumed) == whole
    data = first + second
    assert lines_of([data[at : at + 1] for at in range(len(data))], resumed=resumed) == whole


def test_members_may_stand_in_any_order_with_blanks() -> None:
    data = (
        b' { "time" : "t", "stream":"stdout" ,"log" : "a" } \r\n'
        b'{"attrs":{"a":"x\\n","n":1},"stream":"stdout","log":"b\\u000a"}\n'
    )
    (line,) = lines_of([data])
    assert json.loads(line) == {"time": "t", "stream": "stdout", "log": "ab\n"}


@pytest.mark.parametrize(
    "line",
    [
        docker("a", tag="x"),
        docker("a").replace(b'"log"', b'"msg"'),
        docker("a").replace(b'"stream":"stdout",', b""),
        docker("a").replace(b'"stdout"', b"1"),
        docker("a")[:-2] + b"\n",
        docker("a")[:-2] + b",}\n",
        docker("a")[:-1] + b" x\n",
        b"x " + docker("a"),
        docker("a").replace(b'"a"', b'"a\\x"'),
        docker("a\n"),
        docker("a\\\n"),
    ],
)
def test_what_is_no_part_is_joined_to_nothing(line: bytes) -> None:
    found = lines_of([line + docker("b\n")])
    assert found == [line.decode().rstrip(), docker("b\n").decode().rstrip()]


def test_a_number_of_any_length_may_stand_for_the_time() -> None:
    data = b'{"log":"%s","stream":"stdout","time":' + b"9" * 5000 + b"}\n"
    assert len(lines_of([data % b"a" + data % b"b\\n"])) == 1


def test_a_backslash_and_an_n_are_no_newline() -> None:
    assert logs_of([docker("a\\n") + docker("b\n")]) == ["a\\nb\n"]
    assert logs_of([docker("a\\n", attrs={}) + docker("b\n")]) == ["a\\nb\n"]


def test_the_last_line_of_a_log_waits_for_nothing() -> None:
    assert logs_of([docker("a\n") + docker("b")]) == ["a\n", "b"]
    assert logs_of([docker("a\n")], [docker("b")]) == ["a\n", "b"]


def test_a_joined_line_is_cut_at_the_limit() -> None:
    data = docker("é" * 9000) * 100 + docker("end\n")
    (line,) = lines_of([data])
    assert MAX_LINE - 6 <= len(line.encode()) <= MAX_LINE
    assert defects_of([data]) == (0, 1)


def test_blanks_at_the_end_of_a_part_are_content_and_of_the_line_are_not() -> None:
    data = CRI + b"stdout P a \r\n" + CRI + b"stdout P b\t\n" + CRI + b"stdout F  c \r\r\n"
    assert lines_of([data]) == [(CRI + b"stdout F a b\t c").decode()]


def test_a_part_without_content_is_a_part_also_where_its_blank_is_lost() -> None:
    data = CRI + b"stdout P\n" + CRI + b"stdout P a\n" + CRI + b"stdout F\n" + CRI + b"stdout F b\n"
    assert lines_of([data]) == [(CRI + b"stdout F a").decode(), (CRI + b"stdout F b").decode()]


def test_a_part_of_cri_whose_end_never_comes_says_so() -> None:
    data = CRI + b"stdout P:x a\n" + CRI + b"stderr F c\n" + CRI + b"stdout P b\n"
    first, second = lines_of([data])
    assert first == (CRI + b"stdout P:x ab").decode()
    assert second == (CRI + b"stderr F c").decode()


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize(
    ("before", "again"),
    [
        (b"app.log:", b"app.log:"),
        (b"node1 ", b"node1 "),
        (b"app.log:9:", b"app.log:10:"),
        (b"9:", b"10:"),
        (b"     9\t", b"    10\t"),
        (b"[pod/a-1/app] ", b"[pod/a-1/app] "),
        (b"2025-12-18T21:00:00.1Z ", b"2025-12-18T21:00:01.2Z "),
        (b"Dec 18 21:00:00 host app[7]: ", b"Dec 18 21:00:01 host app[7]: "),
    ],
)
def test_parts_behind_the_same_are_joined(before: bytes, again: bytes, resumed: bool) -> None:
    other = b"other: " + docker("x")
    pieces = [before + docker("a"), other, again + docker("b\n")]
    whole, left = lines_of(pieces, resumed=resumed)
    assert whole.encode() == before + docker("ab\n")[:-1]
    assert left.encode() == other[:-1]
    pieces = [before + CRI + b"stdout P a\n", b"x\n", again + CRI + b"stdout F b\n"]
    assert lines_of(pieces, resumed=resumed) == [(before + CRI + b"stdout F ab").decode(), "x"]


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (b"pod-1 ", b"pod-2 "),
        (b"", b"app.log:"),
        (b"AA|a=1 ", b"AA|a=1 "),
        (b'x "', b'x "'),
        (b"x" * 257, b"x" * 257),
    ],
)
def test_parts_behind_what_is_not_the_same_are_not_joined(before: bytes, again: bytes) -> None:
    first, second = before + docker("a"), again + docker("b\n")
    assert lines_of([first + second]) == [first[:-1].decode(), second[:-1].decode()]


@pytest.mark.parametrize("resumed", [False, True])
def test_the_last_words_of_a_process_are_not_joined_to_a_named_tag(resumed: bool) -> None:
    def logs(*pieces: bytes) -> list[str]:
        found = lines_of(pieces, resumed=resumed, tags=frozenset({"AA", "B_AA"}))
        return [json.loads(line)["log"] for line in found]

    assert logs(docker("Killed"), docker("AA|a=1\n")) == ["Killed", "AA|a=1\n"]
    assert logs(docker("CC|a=1"), docker("AA |a=1"), docker("|b\n")) == ["CC|a=1", "AA |a=1|b\n"]
    assert logs(docker("Killed"), docker("AA: a=1\n")) == ["Killed", "AA: a=1\n"]
    coloured = [docker("Killed\x1b[0m"), docker("\x1b[1mA\x1b[0mA|a=1\n")]
    assert logs(*coloured) == [json.loads(one)["log"] for one in coloured]
    # No tag that is named, one that is a part of another, no word before, a part that is full.
    assert logs(docker("Killed"), docker("CC|a=1\n")) == ["KilledCC|a=1\n"]
    assert logs(docker("B_"), docker("AA|a=1\n")) == ["B_AA|a=1\n"]
    assert logs(docker("x: "), docker("AA|a=1\n")) == ["x: AA|a=1\n"]
    assert logs(docker("x" * 16384), docker("AA|a=1\n")) == ["x" * 16384 + "AA|a=1\n"]


def test_where_it_is_in_doubt_whether_a_trace_line_goes_on_it_is_cut() -> None:
    def lines(*pieces: bytes) -> list[str]:
        return lines_of(pieces, resumed=True, tags=frozenset({"AA"}))

    later = docker("all is well\n", time="2025-12-18T21:00:09Z")
    assert lines(docker("AA|a=1"), later) == ['{"log":"AA|a=1', later[:-1].decode()]
    # One time, or none; no trace line; a part that is full.
    assert len(lines(docker("AA|a=1"), docker("all is well\n"))) == 1
    assert len(lines(docker("AA|a=1", time=None), later)) == 1
    assert len(lines(docker("CC|a=1"), later)) == 1
    assert len(lines(docker("AA|a=" + "x" * 16384), later)) == 1


def test_a_full_part_of_docker_whose_end_never_comes_is_cut() -> None:
    (line,) = lines_of([docker("x" * 16384)])
    assert line == '{"log":"' + "x" * 16384
    (line,) = lines_of([docker("\u00e9" * 8191)])
    assert json.loads(line)["log"] == "\u00e9" * 8191


def test_a_hole_before_a_part_hides_it_from_nobody() -> None:
    assert logs_of([b"\0\0\0" + docker("a"), b"\0" + docker("b\n")]) == ["ab\n"]
