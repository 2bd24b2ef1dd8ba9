"""Hand-checked examples of the contract. Every expectation was derived by hand from its text.

2025-12-18T21:00:00Z is 1766091600: 20089 days to 2025-01-01, 351 more to 18 December, 21 hours.
"""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from . import report
from .conditions import (
    Event,
    RuleError,
    Words,
    evaluate,
    expects,
    parse_condition,
    parse_expect,
    parse_selector,
    read_quantity,
    selects,
)
from .events import classify, parse, prefix_level
from .kinds import DEFECTS
from .lines import LONGEST, Line, read_source
from .times import UTC, as_short_text, as_text, from_json, from_text, zone

NINE_PM = 1766091600
NANO = 10**9
STAMP = "2025-12-18T21:00:00Z"


# ---- helpers -----------------------------------------------------------------------------


def lines_of(data: bytes | str, naive_zone=UTC) -> list[Line]:
    data = data.encode() if isinstance(data, str) else data
    return read_source([("app.log", data)], 0, naive_zone)


def texts_of(data: bytes | str) -> list[str]:
    return [line.text for line in lines_of(data)]


def only(data: bytes | str) -> Line:
    (line,) = lines_of(data)
    return line


def event_of(text: str, **known) -> Event:
    values = {"time": None, "level": None, "logger": None, **known}
    line = Line(0, "app.log", 7, text, undecodable=False, too_long=False, **values)
    return Event(line, parse(text))


def truth(condition: str, text: str, words: Words | None = None, **known) -> bool | None:
    return evaluate(parse_condition(condition), {None: event_of(text, **known)}, words or Words())


def run(rule: dict, log: str | list[str], *, order: str | None = None, **file) -> dict:
    """The report of one rule over one log per source."""
    logs = [log] if isinstance(log, str) else log
    sources = [[(f"{name}.log", text.encode())] for name, text in zip("abc", logs, strict=False)]
    return report(sources, {"rules": [{"id": "it", **rule}], **file}, order=order)


def judged(rule: dict, log: str | list[str], **file) -> dict:
    return run(rule, log, **file)["rules"][0]


def short(result: dict) -> tuple:
    return result["outcome"], result["reason"], result["subjects"], result["violations"]


def found(result: dict) -> list[tuple]:
    """(class, line numbers) of each finding."""
    return [
        (finding["class"], *(place["line"] for place in finding["evidence"]))
        for finding in result["findings"]
    ]


def log_of(*lines: str) -> str:
    return "".join(line + "\n" for line in lines)


# ---- section 2: lines ----------------------------------------------------------------------


def test_a_line_ends_at_lf_and_a_last_line_without_lf_counts():
    assert texts_of("a\nb") == ["a", "b"]
    assert texts_of("a\nb\n") == ["a", "b"]
    assert texts_of("") == []
    assert texts_of("\n\n") == ["", ""]


def test_crs_and_blanks_at_the_end_of_a_line_are_dropped():
    assert texts_of("a\r\nb\r\r\nc\rd\ne\r") == ["a", "b", "c\rd", "e"]
    assert texts_of("a \t\r\n b\r \n\v\n\u00a0\n") == ["a", " b", "\v", "\u00a0"]


def test_nothing_else_ends_a_line():
    assert len(lines_of("a\vb\fc\u0085d\u2028e\u2029f\x1cg")) == 1


def test_byte_order_marks_and_nuls_at_the_start_of_a_line_are_dropped():
    assert texts_of("\ufeffA\n\ufeffB\n \ufeffC") == ["A", "B", " \ufeffC"]
    assert texts_of("\0\0A\n\ufeff\0\ufeff\ufeff\0B\n\0\n\0\0") == ["A", "B", "", ""]


def test_a_hole_is_dropped_before_the_line_is_measured():
    line = only(b"\0" * LONGEST + b"\xef\xbb\xbf" + b"x" * LONGEST + b" \t\r")
    assert (len(line.text), line.too_long, line.undecodable) == (1048576, False, False)


def test_invalid_utf8_is_replaced_and_counted():
    bad, good = lines_of(b"a\xffb\n\xef\xbf\xbd")
    assert (bad.text, bad.undecodable) == ("a\ufffdb", True)
    assert (good.text, good.undecodable) == ("\ufffd", False)


def test_elsewhere_nul_is_an_ordinary_character():
    line = only(b"a\0bc\n")
    assert (line.text, line.undecodable) == ("a\0bc", False)


def test_a_line_of_utf16_within_a_log_is_undecodable():
    first, second, third, _ = lines_of(b"AB|x=1\n" + "CD|x=1\nEF|x=1\n".encode("utf-16-le"))
    assert (first.undecodable, second.undecodable, third.undecodable) == (False, True, True)
    # what is left of "\\n" in UTF-16 is a NUL before the next line, which is dropped
    assert third.text == "E\0F\0|\0x\0=\x001\0"
    assert all(line.undecodable for line in lines_of("AB\nCD".encode("utf-16-be")))
    assert only("AB".encode("utf-32-le")).undecodable
    # more than a quarter of the bytes, once NULs at the start are gone
    assert not only(b"\0\0\0\0a\0bc").undecodable
    assert only(b"\0\0\0\0a\0b").undecodable


def test_a_line_of_exactly_one_mib_is_not_too_long():
    line = only(b"x" * LONGEST + b"\r\n")
    assert (len(line.text), line.too_long) == (1048576, False)


def test_a_longer_line_is_cut_and_counted():
    first, second = lines_of(b"x" * (LONGEST + 1) + b"\nnext")
    assert (len(first.text), first.too_long, first.undecodable) == (1048576, True, False)
    assert second.text == "next"


def test_a_character_cut_in_two_is_dropped():
    line = only(b"x" * (LONGEST - 1) + "é".encode() + b"tail")
    assert (line.text, line.undecodable, line.too_long) == ("x" * (LONGEST - 1), False, True)


def test_an_unfinished_character_at_the_end_of_a_short_line_is_undecodable():
    assert only(b"a\xc3").undecodable


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[32mgreen\x1b[0m", "green"),
        ("\x1b[1;31;40mx", "x"),
        ("\x1b[?25lx", "x"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x1b[31", "\x1b[31"),
        ("\u009b31mx", "x"),
        ("\x1bMx", "x"),
        ("\x1b(B\x1b[mx", "x"),
        ("\x1b7x\x1b8\x1bcy", "xy"),
        ("\x1bP1$r0m\x1b\\x\x1b_y\u009c\u0090z\x1b\\", "x"),
        ("\u009d0;title\x07x\u0085y\x9c", "xy"),
        ("\x1bPnever \x90ends", "never ends"),
        ("\u009b31", "\u009b31"),
        ("x\x1b", "x\x1b"),
        ("#033[1;32mx#033[0m", "x"),
        (r"\x1b[32mx\x1B[m", "x"),
        (r"\033[38:5:1mx\u001b[0m", "x"),
        ("^[[0mx^[[K", "x"),
        ("#033(B#033[mx#033(B", "x#033(B"),
        ("^[[2Jx", "^[[2Jx"),
        (r"\\033[0mx", "\\x"),
        ("#033[ 1m", "#033[ 1m"),
    ],
)
def test_escape_sequences_are_removed(raw, text):
    assert texts_of(raw) == [text]


def test_colour_is_removed_before_and_after_unwrapping():
    inner = json.dumps({"message": "\x1b[32mA_TAG|x=1\x1b[0m"})
    assert texts_of(f"\x1b[1m{inner}\x1b[0m") == ["A_TAG|x=1"]


# ---- section 2: JSON -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("envelope", "text"),
    [
        ('{"message": "m", "msg": "n"}', "m"),
        ('{"msg": "n", "message": "m"}', "m"),
        ('{"message": 1, "msg": "n"}', "n"),
        ('{"log": "l", "event": "e"}', "l"),
        ('{"event": "e"}', "e"),
        ('{"message": ""}', ""),
        ('{"message": "a\\n"}', "a"),
        ('{"message": "a\\n\\n"}', "a\n"),
        ('{"message": "a\\nb"}', "a\nb"),
        (' \t{"message": "a"} ', "a"),
        ('{"message": "a", "message": "b"}', "b"),
        ('{"message": "\\ud83d\\ude00"}', "😀"),
        ('{"message": "x\\ud83d"}', "x\ufffd"),
        ('{"message": "a", "v": NaN}', "a"),
        ('{"MESSAGE": "m", "body": "b"}', "m"),
        ('{"Message": "m"}', "m"),
        ('{"short_message": "m"}', "m"),
        ('{"@m": "m"}', "m"),
        ('{"textPayload": "m", "line": "l"}', "m"),
        ('{"body": "m", "line": "l"}', "m"),
        ('{"line": "l"}', "l"),
        ('{"message": {"event": {"log": "deep"}}, "msg": "n"}', "deep"),
        ('{"event": {"kind": "x"}, "body": "b"}', "b"),
        ('{"log": {"level": "error"}, "line": "l"}', "l"),
    ],
)
def test_an_object_is_unwrapped(envelope, text):
    assert texts_of(envelope) == [text]


@pytest.mark.parametrize(
    "raw",
    [
        '{"other": "x"}',
        '{"message": "cut',
        '["message"]',
        '{"message": 5}',
        '{"message": "a"} x',
        '{"message": "a\tb"}',
        "{}",
    ],
)
def test_no_message_or_cut_json_is_an_ordinary_line(raw):
    assert texts_of(raw) == [raw]


def test_up_to_three_deep():
    text = "A_TAG|x=1"
    for _ in range(3):
        text = json.dumps({"log": text + "\n"})
    assert texts_of(text) == ["A_TAG|x=1"]
    fourth = json.dumps({"log": text})
    assert texts_of(fourth) == ['{"log": "A_TAG|x=1\\n"}']


def test_the_innermost_time_level_and_logger_win():
    inner = {"message": "hi", "level": "error", "timestamp": STAMP, "logger": "app"}
    outer = {"log": json.dumps(inner), "time": "2025-12-18T22:00:00Z", "level": "info"}
    line = only(json.dumps(outer))
    assert (line.text, line.time, line.level, line.logger) == (
        "hi",
        NINE_PM * NANO,
        "error",
        "app",
    )


def test_what_the_inner_object_lacks_comes_from_the_outer():
    outer = {"log": json.dumps({"msg": "hi", "name": "n"}), "time": STAMP, "severity": "warn"}
    line = only(json.dumps(outer))
    assert (line.time, line.level, line.logger) == (NINE_PM * NANO, "warn", "n")


@pytest.mark.parametrize(
    ("prefix", "suffix"),
    [
        ("Dec 18 21:00:00 host app[12]: ", ""),
        ("[pod/web-1/app] ", " \t"),
        ("{not json} ", ""),
        ('{"a": 1} {', " "),
        ("a=b|", ""),
        ("WEB|INFO|", "\r"),
    ],
)
def test_an_object_that_ends_a_line_is_unwrapped_whatever_stands_before_it(prefix, suffix):
    assert texts_of(prefix + '{"message": "hi {}"}' + suffix) == ["hi {}"]


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("AB|x=1|y=", None),
        ("AB|x=", None),
        ("p INFO|x=1 ", None),
        ("OUTBOX_TRACE|", None),
        ("OUTBOX_TRACE |note|", None),
        ("OUTBOX_TRACE ", "hi"),
        ("AB|note|", "hi"),
        ("x=1 AB|", "hi"),
    ],
)
def test_an_object_in_a_trace_line_is_a_part_of_it(prefix, text):
    line = prefix + '{"message": "hi"}'
    (found_line,) = read_source([("app.log", line.encode())], named={"OUTBOX_TRACE"})
    assert found_line.text == (line if text is None else text)


def test_a_prefix_may_stand_before_an_object_in_a_message_too():
    inner = 'web-1  | {"msg": "hi"}'
    assert texts_of("x " + json.dumps({"log": inner})) == ["hi"]


def test_in_raw_json_an_escaped_backslash_begins_no_colour():
    # both are a message in which a colour is written as text
    assert texts_of(r'{"message": "\\u001b[31mhi"}') == ["hi"]
    assert texts_of(r'{"message": "\\\\u001b[31mhi"}') == ["\\hi"]
    # a backslash, and a colour
    assert texts_of(r'{"message": "\\\u001b[31mhi"}') == ["\\hi"]
    # no JSON: the colour is removed, whatever stands before it
    assert texts_of(r"\\u001b[31mhi") == ["\\hi"]
    assert texts_of(r'{"a": 1} "\\u001b[31mhi') == ['{"a": 1} "\\hi']
    assert texts_of(r'{"a": "\\u001b[31mhi"}') == [r'{"a": "\\u001b[31mhi"}']


@pytest.mark.parametrize("name", ["level", "levelname", "severity", "lvl", "log.level", "@l"])
def test_a_level_may_be_a_number_as_it_stands(name):
    for written, level in (('"warn"', "warn"), ("30", "30"), ("3.50e1", "3.50e1"), ("true", None)):
        assert only(f'{{"{name}": {written}, "body": "m"}}').level == level


def test_the_level_of_ecs_may_be_nested():
    assert only('{"log": {"level": "error"}, "message": "m"}').level == "error"
    assert only('{"log": {"level": "error"}, "log.level": "info", "message": "m"}').level == "info"
    assert only('{"log": {"level": "error"}, "level": "info", "message": "m"}').level == "info"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("asctime", '"2025-12-18 21:00:00"'),
        ("created", "1766091600.0"),
        ("@t", f'"{STAMP}"'),
        ("__REALTIME_TIMESTAMP", '"1766091600000000"'),
    ],
)
def test_the_times_of_other_formatters(name, value):
    assert only(f'{{"{name}": {value}, "MESSAGE": "m"}}').time == NINE_PM * NANO


def test_what_is_no_time_is_passed_over():
    line = '{"timestamp": "21:00", "time": "2025-12-18 21:00:00 CET", "ts": 1766091600, "msg": "m"}'
    assert only(line).time == NINE_PM * NANO


def test_objects_around_a_message_say_its_time_level_and_logger_too():
    inner = {"message": "m", "level": "error", "time": 1766091600}
    outer = {"level": "info", "name": "n", "time": 1766091601, "event": inner}
    line = only(json.dumps(outer))
    assert (line.text, line.level, line.logger, line.time) == ("m", "error", "n", NINE_PM * NANO)
    del inner["level"], inner["time"]
    line = only(json.dumps(outer))
    assert (line.level, line.time) == ("info", (NINE_PM + 1) * NANO)
    # an object in which the message does not stand says nothing
    assert only('{"event": {"level": "error"}, "body": "m"}').level is None


def test_a_message_of_journald_may_be_a_list_of_bytes():
    assert texts_of('{"MESSAGE": [65, 66, 124, 120, 61, 195, 169]}') == ["AB|x=é"]
    for written in ("[]", "[256]", "[-1]", "[1.5]", '["a"]', "[true]"):
        assert texts_of(f'{{"MESSAGE": {written}, "line": "l"}}') == ["l"]


def test_behind_a_compose_prefix():
    line = only('web-1  | {"message": "hi", "ts": 1766091600}')
    assert (line.text, line.time) == ("hi", NINE_PM * NANO)
    assert texts_of("web-1  | hi") == ["web-1  | hi"]


def test_an_object_without_a_time_takes_the_stamp_of_the_container_prefix():
    assert only(STAMP + ' stdout F {"message": "hi"}').time == NINE_PM * NANO
    own = only(f'2025-12-18T22:00:00Z stdout F {{"message": "hi", "time": "{STAMP}"}}')
    assert own.time == NINE_PM * NANO
    message = json.dumps({"log": f'{STAMP} x {{"msg": "hi"}}', "time": "2025-12-18T22:00:00Z"})
    assert only(message).time == NINE_PM * NANO
    assert only('1766091600 00O {"message": "hi"}').time == NINE_PM * NANO


def test_both_container_prefixes_nested():
    for line in (
        f'web-1 | {STAMP} stderr F {{"message": "hi"}}',
        f'{STAMP} stderr F web-1 | {{"message": "hi"}}',
    ):
        assert (only(line).text, only(line).time) == ("hi", NINE_PM * NANO)


def test_the_json_time_goes_before_the_stamp_of_the_prefix_in_the_message():
    message = "2025-12-18 22:00:00 A_TAG|x=1"
    assert only(json.dumps({"log": message, "time": STAMP})).time == NINE_PM * NANO
    assert only(json.dumps({"log": message})).time == (NINE_PM + 3600) * NANO


# ---- section 2: CRI ------------------------------------------------------------------------


def cri(content: str, flag: str, stream: str = "stdout", second: int = 0) -> str:
    return f"2025-12-18T21:00:0{second}Z {stream} {flag} {content}\n"


def test_a_full_cri_line_keeps_its_prefix():
    assert texts_of(cri("A_TAG|x=1", "F")) == [f"{STAMP} stdout F A_TAG|x=1"]


def test_parts_are_joined_to_the_next_f_of_their_stream_at_the_first_part():
    log = (
        cri("A_TAG|x=1", "P", second=0)
        + cri("err", "F", "stderr", 1)
        + "between\n"
        + cri("2|y=", "P", second=2)
        + cri("3", "F", second=3)
        + cri("next", "F", second=4)
    )
    assert [(line.number, line.text) for line in lines_of(log)] == [
        (1, f"{STAMP} stdout F A_TAG|x=12|y=3"),
        (2, "2025-12-18T21:00:01Z stderr F err"),
        (3, "between"),
        (6, "2025-12-18T21:00:04Z stdout F next"),
    ]


def test_parts_are_joined_as_bytes_before_decoding():
    start = STAMP.encode() + b" stdout "
    line = only(start + b"P a\xc3\n" + start + b"F \xa9b\n")
    assert (line.text, line.undecodable) == (f"{STAMP} stdout F aéb", False)


def test_a_part_that_never_ends_is_a_line_of_the_parts_so_far():
    assert texts_of(cri("a", "P") + cri("b", "P")) == [f"{STAMP} stdout P ab"]


def test_parts_join_across_the_files_of_a_rotated_set():
    result = report(
        [[("a.log.1", cri("A_TAG|x=", "P").encode()), ("a.log", cri("1", "F").encode())]],
        {"rules": [{"id": "it", "forbid": {"where": "A_TAG where x == 1"}}]},
    )
    assert [source["lines"] for source in result["inputs"]] == [1, 0]
    assert result["rules"][0]["findings"][0]["evidence"][0]["path"] == "a.log.1"


def test_more_tags_may_follow_the_flag():
    assert texts_of(cri("a", "P:x") + cri("b", "F:y")) == [f"{STAMP} stdout F:x ab"]


def test_a_blank_at_the_end_of_a_part_is_content_and_an_empty_end_is_one():
    assert texts_of(cri("a ", "P") + cri("b ", "F")) == [f"{STAMP} stdout F a b"]
    assert texts_of(cri("a", "P") + cri("", "F") + cri("b", "F")) == [
        f"{STAMP} stdout F a",
        f"{STAMP} stdout F b",
    ]
    assert len(lines_of(cri("a", "P") + f"{STAMP} stdout F\n" + cri("b", "F"))) == 2


def docker(log: str, stream: str = "stdout", **more) -> str:
    return json.dumps({"log": log, "stream": stream, **more}, ensure_ascii=False) + "\n"


def test_docker_parts_are_joined_to_the_next_of_their_stream():
    log = (
        docker("A_TAG|x=1", time=STAMP)
        + docker("err\n", "stderr")
        + "between\n"
        + docker('2|y="', time="2025-12-18T22:00:00Z")
        + docker("3\n")
        + docker("next\n", attrs={"log": "x"})
        + docker("open", "stderr")
    )
    found_lines = [(line.number, line.text) for line in lines_of(log)]
    assert found_lines == [
        (1, 'A_TAG|x=12|y="3'),
        (2, "err"),
        (3, "between"),
        (6, "next"),
        (7, "open"),
    ]
    assert lines_of(log)[0].time == NINE_PM * NANO


def test_docker_parts_are_joined_as_bytes():
    start, end = b'{"attrs": {"log": "x"}, "log": "', b'", "stream": "stdout"}\n'
    line = only(start + b"a\xc3" + end + start + b"\xa9\\n" + end)
    assert (line.text, line.undecodable) == ("aé", False)


@pytest.mark.parametrize(
    "line",
    [
        '{"log": "a"}',
        '{"log": "a", "stream": "stdout", "level": "x"}',
        '{"log": 1, "stream": "stdout"}',
        'web-1 | {"log": "a", "stream": "stdout"}',
        '{"log": "a", "stream": "stdout"} x',
        '{"msg": "a", "stream": "stdout"}',
    ],
)
def test_other_objects_are_no_docker_parts(line):
    assert len(lines_of(line + "\n" + docker("b\n"))) == 2


def test_docker_parts_join_across_the_files_of_a_rotated_set():
    files = [("a.log.1", docker("a").encode()), ("a.log", docker("b\n").encode())]
    assert [(line.path, line.text) for line in read_source(files)] == [("a.log.1", "ab")]


def test_joined_json_is_unwrapped():
    assert texts_of(cri('{"message": "A_TAG', "P") + cri('|x=1"}', "F")) == ["A_TAG|x=1"]


# ---- section 2: trace lines ----------------------------------------------------------------


def shape(text: str) -> tuple | None:
    trace = parse(text)
    return trace and (trace.prefix, trace.tag, trace.fields, trace.notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AB|x=1", ("", "AB", {"x": "1"}, [])),
        ("A|x=1", None),
        ("AB|note", None),
        ("AB|", None),
        ("AB |x=1", None),
        ("xAB|x=1", None),
        ("_AB|x=1", None),
        ("1AB|x=1", None),
        ("éAB|x=1", ("é", "AB", {"x": "1"}, [])),
        ("-AB|x=1", ("-", "AB", {"x": "1"}, [])),
        ("A_1|x=1", ("", "A_1", {"x": "1"}, [])),
        ("AB|x=", ("", "AB", {"x": ""}, [])),
        ("AB|=1", None),
        ("AB| x=1 \t|y=2 ", ("", "AB", {"x": "1", "y": "2"}, [])),
        ("AB|x= 1|y =2", ("", "AB", {"x": " 1"}, ["y =2"])),
        ("AB|x=1|note|y=a=b c", ("", "AB", {"x": "1", "y": "a=b c"}, ["note"])),
        ("AB|x.y-z=1", ("", "AB", {"x.y-z": "1"}, [])),
        ("AB|.x=1", None),
        ("AB|0=1", ("", "AB", {"0": "1"}, [])),
        ("AB|x=1\ny=2", ("", "AB", {"x": "1\ny=2"}, [])),
        ("DEDUP|hit|conv=7|ttl=60s", ("", "DEDUP", {"conv": "7", "ttl": "60s"}, ["hit"])),
        ("WEBHOOK|skip|no_text", None),
    ],
)
def test_the_grammar_of_a_trace_line(text, expected):
    assert shape(text) == expected


def test_the_leftmost_tag_with_a_field_after_it():
    assert shape("AB|x|CD|y=1") == ("", "AB", {"y": "1"}, ["x", "CD"])
    assert shape("AB|x=1|CD|note") == ("", "AB", {"x": "1"}, ["CD", "note"])
    assert shape("k=1|AB|y=2") == ("k=1|", "AB", {"y": "2"}, [])


def test_a_level_word_is_the_tag_only_if_no_other_qualifies():
    text = "2025-12-18 21:00:00|INFO|app|OUTBOX_TRACE|phase=planner"
    assert shape(text) == (text[:29], "OUTBOX_TRACE", {"phase": "planner"}, [])
    assert shape("ERROR|INFO|x=1") == ("", "ERROR", {"x": "1"}, ["INFO"])
    assert shape("INFO|x=1|AB|note") == ("", "INFO", {"x": "1"}, ["AB", "note"])


def test_the_first_of_a_doubled_field_wins_and_the_line_is_counted():
    trace = parse("AB|x=1|y=2|x=3")
    assert (trace.fields, trace.duplicate_field) == ({"x": "1", "y": "2"}, True)
    assert not parse("AB|count=1|outbox_count=2").duplicate_field


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "INFO:app.core.x:",
        "2025-12-18 21:00:00,123 app.core INFO ",
        "web-1  | ",
        STAMP + " stdout F ",
        "Dec 18 21:00:00 host app[12]: ",
        "<13>1 2025-12-18T21:00:00Z host app - - - ",
        "2025-12-18 21:00:00.123 | INFO     | mod:fn:1 - ",
    ],
)
def test_real_prefixes_work(prefix):
    assert shape(prefix + "AB|x=1") == (prefix, "AB", {"x": "1"}, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OUTBOX_TRACE", "malformed"),
        ("see OUTBOX_TRACE", "malformed"),
        ("OUTBOX_TRACE|only notes", "malformed"),
        ("OUTBOX_TRACE phase=planner", "malformed"),
        ("OUTBOX_TRACE:phase=planner", "malformed"),
        ("OUTBOX_TRACE;x", "plain"),
        ("OUTBOX_TRACE is written twice", "plain"),
        ("OUTBOX_TRACE: phase=planner", "malformed"),
        ("OUTBOX_TRACES|x", "plain"),
        ("MY_OUTBOX_TRACE|x", "plain"),
        ("OUTBOX_TRACE.x=1", "plain"),
        ("OUTBOX_TRACE ", "malformed"),
        ("ERROR|x", "plain"),
        ("OTHER|x", "plain"),
        ("OUTBOX_TRACE|x=1", "event"),
        ("OUTBOX_TRACE then OUTBOX_TRACE", "malformed"),
        ("OUTBOX_TRACE  \t", "malformed"),
        ("OUTBOX_TRACE |only notes", "malformed"),
        ("OUTBOX_TRACE - phase=planner", "plain"),
        ("OUTBOX_TRACE \u2014 phase=planner", "malformed"),
        ('[OUTBOX_TRACE] : "phase=planner', "malformed"),
        ("OUTBOX_TRACE :::: phase=planner", "plain"),
        ("OUTBOX_TRACE]:phase:x=1", "plain"),
        ("OUTBOX_TRACEphase=planner", "malformed"),
        ("OUTBOX_TRACE_ON=true", "plain"),
        ("OUTBOX_TRACE\n", "plain"),
        ("OUTBOX_TRACE\nphase=planner", "malformed"),
        ('"OUTBOX_TRACE"', "plain"),
        ("ERROR x=1", "plain"),
    ],
)
def test_a_line_that_should_have_been_an_event_is_a_defect(text, expected):
    assert classify(text, {"OUTBOX_TRACE", "ERROR"})[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PROD|svc|INFO|OT|x=1", ("PROD|svc|INFO|", "OT", {"x": "1"}, [])),
        ("PROD|x=1|OT|y=2", ("", "PROD", {"x": "1", "y": "2"}, ["OT"])),
        ("PROD|n|OT |x=1", ("PROD|n|", "OT", {"x": "1"}, [])),
        ("PROD|n|OU |x=1", ("", "PROD", {"x": "1"}, ["n", "OU"])),
        ("OT\t | x=1", ("", "OT", {"x": "1"}, [])),
        ("OT|OT|x=1", ("OT|", "OT", {"x": "1"}, [])),
        ("OT|n|PROD|x=1", ("", "OT", {"x": "1"}, ["n", "PROD"])),
        ("PROD|n|ERROR|x=1", ("", "PROD", {"x": "1"}, ["n", "ERROR"])),
        ("INFO|x=1|OT|y=2", ("INFO|x=1|", "OT", {"y": "2"}, [])),
        ("INFO|x=1|PROD|OT|y=2", ("INFO|x=1|PROD|", "OT", {"y": "2"}, [])),
        ("ERROR|INFO|x=1", ("", "ERROR", {"x": "1"}, ["INFO"])),
        ("ERROR |INFO|x=1", ("", "ERROR", {"x": "1"}, ["INFO"])),
        ("OTX|n|x OT|x=1", ("OTX|n|x ", "OT", {"x": "1"}, [])),
    ],
)
def test_a_named_tag_before_the_first_field_outranks_those_left_of_it(text, expected):
    trace = parse(text, {"OT", "ERROR"})
    assert (trace.prefix, trace.tag, trace.fields, trace.notes) == expected


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("OT|x=1|OT|y=2", True),
        ("OT|x=1 OT|x=2", True),
        ("SEND|x=okERROR:app:OT|y=2", True),
        ("SEND|x=1|p OT |note|y=2", True),
        ("SEND|x=1|INFO|y=2", True),
        ('SEND|x="OT|y=2', True),
        ("SEND|x= OT|y=2", True),
        ("SEND|x=OT|y=2", False),
        ("SEND|x=1 AOT|y=2", False),
        ("SEND|x=1 SEND|y=2", False),
        ("SEND|OT|x=1", False),
        # The letter of the contract lets these pass, its law does not.
        ("SEND|x=1 OT|note", True),
        ("SEND|x=1 OT y=2", True),
        ("SEND|x=1|OT: y=2", True),
        ("SEND|x=1|OT", True),
        ("SEND|x=1 INFO|note", False),
        ("SEND|x=by OT here", False),
        ("SEND|x=OT y=2", False),
        ("SEND|x=[OT] y=2", False),
        ("SEND|x=A,OT", False),
    ],
)
def test_a_named_tag_behind_the_first_field_is_a_second_event(text, counts):
    assert parse(text, {"OT", "INFO"}).second_event is counts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SENDer=1", "plain"),
        ("SENDread=1", "malformed"),
        ("SENDer=1|x=2", "malformed"),
        ("A_Ber=1", "malformed"),
    ],
)
def test_a_tag_that_small_letters_follow_is_damaged_only_if_it_may_have_lost_its_pipe(
    text, expected
):
    assert classify(text, {"SEND", "A_B"}, {"read"})[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('app: SEND|x=a\\n","stream":"stdo', "malformed"),
        ('SEND|x=a","stream":"stdout"}', "malformed"),
        ('SEND|x=a"}', "malformed"),
        ("SEND|x=a', 'n': 2}", "malformed"),
        ('SEND|x=a" seq=2', "malformed"),
        ('SEND|x={"a":"b","c":["d"]}', "event"),
        ('SEND|x=5"|y=6"', "event"),
        ("SEND|x=the users' {y}", "event"),
    ],
)
def test_the_rest_of_an_envelope_stands_in_no_value(text, expected):
    assert classify(text, {"SEND"})[0] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('pod SEND x=1 {"msg":"hello"}', "malformed"),
        ('SEND {"msg":"hello"}', "plain"),
        ('pod SEND x=1 {"msg":"SEND|x=1"}', "malformed"),
        ('{"msg":"hello","error":{"stack":["SEND|x=1"]}}', "malformed"),
        ('{"msg":"hello","error":"at SEND: x=1"}', "malformed"),
        ('{"msg":"SEND|x=1","msg":"hello"}', "malformed"),
        ('{"msg":"{\\"msg\\":\\"hello\\",\\"x\\":\\"SEND|x=1\\"}"}', "malformed"),
        ('{"msg":"hello","logger":"SEND","why":"SEND failed"}', "plain"),
        ('{"msg":"SEND|x=1|y=2","event":{"original":"12:00 app: SEND|x=1|y=2\\n"}}', "event"),
        ('{"msg":"12:00 SEND|x=1","raw":"{\\"msg\\":\\"SEND|x=1\\"}"}', "event"),
        ('{"msg":"SEND|x=1","raw":"SEND|x=1|y=2"}', "malformed"),
        ('{"msg":"SEND|x=1","raw":"SEND|x=1 |y=2"}', "malformed"),
        ('{"msg":"SEND|x=1","raw":"SEND|x=12"}', "malformed"),
        ('{"msg":"SEND|x=1 a"} {"msg":"hello"}', "event"),
        ('{"msg":"SEND x=1"} {"msg":"hello"}', "malformed"),
    ],
)
def test_what_is_dropped_with_an_envelope_is_told(line, expected):
    [found] = read_source([("a", line.encode())], named={"SEND"})
    assert found.what == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x#012", "x"),
        ("x #000 ", "x"),
        (r"x\r\n", "x"),
        (r"x\\n", "x"),
        (r"x\u0000", "x"),
        ("c=#000", "c=#000"),
        ("c=#000#012", "c=#000"),
        ("c=#012", "c="),
        (r"a\nb", r"a\nb"),
        (r'{"msg":"x\u0000"}', "x"),
        (r'{"msg":"x\n\u0000"}', "x"),
        (r'{"msg":"x\\n"}', "x"),
        ('{"msg":"x"}#012', "x"),
    ],
)
def test_line_ends_that_are_written_at_the_end_are_dropped(line, expected):
    [found] = read_source([("a", line.encode())])
    assert found.text == expected


def test_in_quotes_too():
    assert parse(r'm="SEND|x=1\n" n=2').fields == {"x": "1"}


def test_a_second_event_is_looked_for_behind_a_closing_quote_too():
    trace = parse('msg="SEND|x=1" next="OT|y=2"', {"OT"})
    assert (trace.tag, trace.fields, trace.second_event) == ("SEND", {"x": "1"}, True)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('msg="AB|x=1" level=info', {"x": "1"}),
        ("{'msg': 'AB|x=1', 'y': 2}", {"x": "1"}),
        (r'msg="AB|x=say \"hi\" twice|y=2"', {"x": 'say "hi" twice', "y": "2"}),
        (r'msg="AB|x=C:\\" z', {"x": r"C:\\"}),
        ('a,"AB|x=say ""hi""|y=2",b', {"x": 'say "hi"', "y": "2"}),
        ('"AB|x=it\'s"', {"x": "it's"}),
        (r"{\"msg\":\"AB|x=1\",\"y\":2}", {"x": "1"}),
        (r"{\"m\":\"AB|x=\\\"q\\\"\"}", {"x": '"q"'}),
        (r'm="{\"m\":\"AB|x=1" z', {"x": "1"}),
        ('"AB |x=1" y', {"x": "1"}),
        ('msg="2025 app AB|x=1" level=info', {"x": "1"}),
        ('msg= "app AB|x=1" level', {"x": "1"}),
        ("{'msg': 'app AB|x=1'}", {"x": "1"}),
        ('said "app AB|x=1" and', {"x": "1"}),
        (r"{\"msg\":\"app AB|x=1\",\"y\":2}", {"x": "1"}),
        ('{"message": "app AB|x=1", "cut', {"x": "1"}),
        ('a="b" AB|x=1"', {"x": '1"'}),
        ('a="" AB|x=1"', {"x": '1"'}),
        ("don't AB|x=it's", {"x": "it's"}),
        ("the 'app AB|x=it's", {"x": "it's"}),
        ('5" AB|x=6"', {"x": '6"'}),
        ("a='b' AB|x=1", {"x": "1"}),
        ("'app AB|x=1' y", {"x": "1"}),
        (r'm="AB|x=a\\""b\\\"c" y', {"x": r'a\\"b\\"c'}),
        (" 'app AB|x=1' y", {"x": "1"}),
    ],
)
def test_a_trace_line_in_quotes_ends_before_the_matching_quote(text, fields):
    trace = parse(text, {"AB"})
    assert (trace.tag, trace.fields) == ("AB", fields)


@pytest.mark.parametrize(
    "text",
    [
        'msg="AB|x=1',
        'msg="AB|x=1""',
        r'msg="AB|x=1\"',
        "'AB|x=1\"",
        'msg="app AB|x=1',
        '"OTHER|x=1',
    ],
)
def test_without_a_matching_quote_a_line_is_a_defect(text):
    assert classify(text, {"AB"}) == ("malformed", None)


def test_a_cut_that_leaves_no_field_leaves_no_event():
    assert classify('msg="AB|note" x|y=1', {"AB"})[0] == "malformed"
    assert classify('msg="AB|note" x|y=1', {"CD"})[0] == "plain"
    assert classify('msg="AB" x|y=1', {"AB"})[0] == "plain"


def test_the_text_of_a_line_in_quotes_stays_whole():
    line = only('msg="AB|x=1" level=info')
    assert line.text == 'msg="AB|x=1" level=info'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("message repeated 2 times: [ AB|x=1]", "malformed"),
        ("Dec 18 21:00:00 host app: message repeated 12 times: [ OTHER|x=1] y", "malformed"),
        ("message repeated 2 times: [ AB x=1]", "malformed"),
        ("message repeated 2 times: [ AB is prose]", "plain"),
        ("message repeated 2 times: [ hello]", "plain"),
        ("message repeated many times: [ AB|x=1]", "event"),
        ("message repeated 2 times AB|x=1", "event"),
        ("AB|x=message repeated 2 times: [ y]", "event"),
    ],
)
def test_a_message_that_is_said_to_be_repeated_is_a_defect(text, expected):
    assert classify(text, {"AB"})[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AB x=1 OTHER|y=2", "malformed"),
        ("AB: OTHER|y=2", "event"),
        ("AB|OTHER|y=2", "event"),
        ("[AB] x=1 OTHER|y=2", "malformed"),
        ("CD|AB|x=1", "malformed"),
        ("AB x=1 AB|y=2", "malformed"),
        ("OTHER|y=2|AB x=1", "event"),
        ("OTHER|AB x=1|y=2", "malformed"),
        ("OTHER|AB, he said|y=2", "event"),
        ("INFO x=1 OTHER|y=2", "event"),
    ],
)
def test_a_damaged_tag_left_of_the_first_field_of_another_is_a_defect(text, expected):
    assert classify(text, {"AB", "CD", "INFO"})[0] == expected


@pytest.mark.parametrize(
    ("prefix", "level"),
    [
        ("INFO:app:", "INFO"),
        ("x WARNING y ERROR ", "WARNING"),
        ("info ", None),
        ("XINFO INFO1 INFO_ ", None),
        ("[ERROR] ", "ERROR"),
        ("", None),
    ],
)
def test_the_level_of_a_prefix(prefix, level):
    assert prefix_level(prefix) == level
    assert only(prefix + "AB|x=INFO").level == level


# ---- section 2: times ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "nanoseconds"),
    [
        ("2025-12-18T21:00:00Z ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 ", NINE_PM * NANO),
        ("2025-12-18 21:00:00,123 ", NINE_PM * NANO + 123_000_000),
        ("2025-12-18 21:00:00.1234567899 ", NINE_PM * NANO + 123_456_789),
        ("2025-12-18T18:00:00-03:00 ", NINE_PM * NANO),
        ("2025-12-18T18:00:00.5-0300 ", NINE_PM * NANO + NANO // 2),
        ("2025-12-18 18:00:00-03 ", NINE_PM * NANO),
        ("[2025-12-18 18:00:00 -0300] [7] ", NINE_PM * NANO),
        ("x 2025-12-18 21:00:00 2025-12-18 22:00:00 ", NINE_PM * NANO),
        ("1766091600 ", NINE_PM * NANO),
        ("1766091600.25 ", NINE_PM * NANO + NANO // 4),
        ("1766091600123 ", NINE_PM * NANO + 123_000_000),
        ("1766091600123456 ", NINE_PM * NANO + 123_456_000),
        ("1766091600000000.5 ", NINE_PM * NANO + 500),
        ("17660916001 ", None),
        ("1766091600000000000 ", None),
        ("2025-12-18t21:00:00z ", NINE_PM * NANO),
        ("2025/12/18 21:00:00 ", NINE_PM * NANO),
        ("2025/12/18T18:00:00-0300 ", NINE_PM * NANO),
        ("2025-12/18 21:00:00 ", None),
        ("20251218T210000 ", NINE_PM * NANO),
        ("20251218t210000,25Z ", NINE_PM * NANO + NANO // 4),
        ("20251218 210000 ", None),
        ("20251218T2100001 ", None),
        ("2025-12-18 21:00:00:500 ", NINE_PM * NANO + NANO // 2),
        ("2025-12-18 21:00:00: ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 Z ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 UTC ", NINE_PM * NANO),
        ("2025-12-18 21:00:00.5GMT ", NINE_PM * NANO + NANO // 2),
        ("2025-12-18 18:00:00 -03 ", NINE_PM * NANO),
        ("2025-12-18 18:00:00 -03:00 ", NINE_PM * NANO),
        ("2025-12-18 22:00:00 +0100 CET ", NINE_PM * NANO),
        ("2025-12-18 22:00:00 GMT+01:00 ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 +24:00 ", None),
        ("2025-12-18 21:00:00 UTC+3 ", None),
        ("2025-12-18 21:00:00 GET ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 CET ", None),
        ("2025-12-18 21:00:00,123EST ", None),
        ("2025-12-18 21:00:00 BRT] 2025-12-18 22:00:00 ", None),
        ("2025-12-18 21:00:00 CETI ", NINE_PM * NANO),
        ("2025-12-18 21:00:00 cet ", None),
        ("2025-12-18 21:00:00  CET ", None),
        ("2025-12-18 21:00:00 INFO ", NINE_PM * NANO),
        ("2025-12-18 09:00:00 PM ", NINE_PM * NANO),
        ("2025-12-18 09:00:00.500pm ", NINE_PM * NANO + NANO // 2),
        ("2025-12-18 06:00:00 PM -0300 ", NINE_PM * NANO),
        ("2025-12-18 12:00:00 AM ", (NINE_PM - 21 * 3600) * NANO),
        ("2025-12-18 12:00:00 PM ", (NINE_PM - 9 * 3600) * NANO),
        ("2025-12-18 09:00:00 PM CET ", None),
        ("2025-12-18 21:00:00 PM ", None),
        ("2025-12-18 00:00:00 AM ", None),
        ("2025-12-18 21:00:00 AMQP ", NINE_PM * NANO),
        ("2025-12-18 20:59:60 ", NINE_PM * NANO),
        ("2025-12-18 20:59:60.75Z ", NINE_PM * NANO),
        ("2025-12-17 23:59:60 ", (NINE_PM - 21 * 3600) * NANO),
        ("2025-12-18 20:59:61 ", None),
        (" 1766091600 ", None),
        ("1766091600 2025-12-18 22:00:00 ", (NINE_PM + 3600) * NANO),
        ("Dec 18 21:00:00 ", None),
        ("2025-13-18 21:00:00 ", None),
        ("2025-02-29 21:00:00 ", None),
        ("2024-02-29 00:00:00 ", (NINE_PM - 658 * 86400 - 75600) * NANO),
        ("2025-12-18 24:00:00 ", None),
        ("12025-12-18 21:00:00 ", None),
        ("2025-12-18 ", None),
        ("0001-01-01T00:00:00Z ", None),
        ("", None),
    ],
)
def test_the_time_of_a_prefix(prefix, nanoseconds):
    assert from_text(prefix, UTC) == nanoseconds


def test_only_the_prefix_counts_not_the_fields():
    assert only("AB|at=2025-12-18T21:00:00Z").time is None


def test_naive_times_are_in_the_given_zone():
    paris = zone("Europe/Paris")
    assert from_text("2025-12-18 22:00:00 ", paris) == NINE_PM * NANO
    assert from_text("2025-12-18 21:00:00Z ", paris) == NINE_PM * NANO
    # 26 October 2025: 02:30 comes twice, the first at 00:30Z; 30 March: 02:30 never comes
    assert from_text("2025-10-26 02:30:00 ", paris) == from_text("2025-10-26T00:30:00Z", UTC)
    assert from_text("2025-03-30 02:30:00 ", paris) is None


@pytest.mark.parametrize(
    "digits", ["1766091600", "1766091600000", "1766091600000000", "1766091600000000000"]
)
def test_a_json_number_is_epoch_by_its_size(digits):
    assert only(f'{{"message": "x", "ts": {digits}}}').time == NINE_PM * NANO
    assert (
        only(json.dumps({"message": "x", "ts": True, "@timestamp": STAMP})).time == NINE_PM * NANO
    )


def test_a_json_number_is_exact():
    line = only('{"message": "x", "ts": 1766091600.123456789}')
    assert line.time == NINE_PM * NANO + 123456789
    assert from_json("2025-12-18 21:00:00", UTC) == NINE_PM * NANO
    assert from_json(None, UTC) is None


def test_a_time_as_text_has_nine_digits():
    assert as_text(NINE_PM * NANO + 5) == "2025-12-18T21:00:00.000000005Z"


def test_a_time_in_a_report_has_as_many_threes_of_digits_as_it_needs():
    for more, digits in ((0, ""), (250_000_000, ".250"), (1000, ".000001"), (5, ".000000005")):
        assert as_short_text(NINE_PM * NANO + more) == f"2025-12-18T21:00:00{digits}Z"
    assert as_short_text(None) is None


def test_a_line_that_is_no_event_is_all_prefix():
    assert only("AB x=1 at=2025-12-18T21:00:00Z").time == NINE_PM * NANO


def test_times_that_go_back_are_counted_in_each_source():
    lines = [at(5, "AB|x=1"), at(9, "plain"), "AB|x=1", at(5, "AB|x=1"), at(4, "AB|x=1")]
    lines += [at(6, "AB|x=1"), at(5, "AB|x=1")]
    result = run({"forbid": {"where": "AB"}}, [log_of(*lines), log_of(at(1, "AB|x=1"))])
    assert result["totals"]["time_goes_back"] == 2


# ---- section 6 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5%", Fraction(1, 20)),
        ("800ms", Fraction(4, 5)),
        ("30s", 30),
        ("5min", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("512MB", 512 * 10**6),
        ("64MiB", 64 * 2**20),
        ("10/min", Fraction(1, 6)),
        ("-1.50", Fraction(-3, 2)),
        ("+7", 7),
        ("1.", None),
        (".5", None),
        ("1e3", None),
        ("", None),
        (" 1", None),
        ("1 s", None),
        ("5m", None),
        ("1\n", None),
        ("١", None),
    ],
)
def test_numbers_and_units(text, value):
    assert read_quantity(text) == value


@pytest.mark.parametrize(
    ("condition", "text", "expected"),
    [
        ('x == "1"', "AB|x=1", True),
        ('x == "1"', "AB|x=01", False),
        ("x == 1", "AB|x=01", True),
        ("x == 1", "AB|x=1.0", True),
        ("x == 1", "AB|x=one", None),
        ("x != 1", "AB|x=one", None),
        ("x == 1", "AB|y=1", False),
        ("x != 1", "AB|y=1", False),
        ('x != "1"', "AB|y=1", False),
        ("not x == 1", "AB|y=1", True),
        ("not x == 1", "AB|x=one", None),
        ("x >= 2", "AB|x=10", True),
        ("x > 1 and y > 1", "AB|x=one|y=0", False),
        ("x > 1 and y > 1", "AB|x=one|y=2", None),
        ("x > 1 or y > 1", "AB|x=one|y=2", True),
        ("x > 1 or y > 1", "AB|x=one|y=0", None),
        ("x == y", "AB|x=1|y=1.0", False),
        ("x == y", "AB|x=a|y=a", True),
        ("x == y", "AB|x=a", False),
        ("x < y", "AB|x=9|y=10", True),
        ("x < y", "AB|x=9|y=ten", None),
        ("x < y", "AB|x=nine", False),
        ('x in ["a", "b"]', "AB|x=b", True),
        ("x in [1, 2]", "AB|x=2.0", True),
        ("x in [1, 2]", "AB|x=two", None),
        ('x in [1, "two"]', "AB|x=two", True),
        ("x in [y, z]", "AB|x=1|z=1", True),
        ("x in [1]", "AB|y=1", False),
        ('x like "thread_*"', "AB|x=thread_9", True),
        ('x like "thread_*"', "AB|x=a thread_9", False),
        ('x like "a?c"', "AB|x=abc", True),
        ('x like "a.c"', "AB|x=abc", False),
        ('x like "*"', "AB|y=1", False),
        ('x matches "b+"', "AB|x=abbc", True),
        ('x matches "^b"', "AB|x=abbc", False),
        (r'x matches "\d"', "AB|x=a1", True),
        (r'x matches "\\d"', "AB|x=a1", True),
        (r'x == "say \"hi\" \\ x"', 'AB|x=say "hi" \\ x', True),
        ("x is missing", "AB|y=1", True),
        ("x is missing", "AB|x=", False),
        ("x is void", "AB|y=1", True),
        ("x is void", "AB|x=", True),
        ("x is void", "AB|x=unknown", True),
        ("x is void", "AB|x=0", False),
        ("not x is missing", "AB|x=", True),
        ("x == 1 or y == 1 and z == 1", "AB|x=1|y=0|z=0", True),
        ("(x == 1 or y == 1) and z == 1", "AB|x=1|y=0|z=0", False),
        ("not x == 1 and y == 1", "AB|x=0|y=0", False),
        ("ttl >= 1min", "AB|ttl=60s", True),
        ("ttl == 1min", "AB|ttl=60", True),
        ("x > 1", "AB|x=1kg", None),
        ("duration_ms > 800ms", "AB|duration_ms=801", True),
        ("duration_ms > 800ms", "AB|duration_ms=0.8s", False),
        ("duration_ms == 1", "AB|duration_ms=1000", True),
        ("count >= 1", "AB|outbox_count=2", True),
        ("count >= 1", "AB|outbox_count=2|count=0", False),
        ("count is void", "AB|outbox_count=2|count=unknown", True),
        ("x-y.z == 1", "AB|x-y.z=1", True),
    ],
)
def test_conditions(condition, text, expected):
    words = Words(units={"duration_ms": "ms"})
    assert truth(condition, text, words) is expected


def test_attributes():
    known = {"time": NINE_PM * NANO, "level": "INFO", "logger": "core"}
    text = "p AB|x=1"
    for condition in (
        '@tag == "AB"',
        '@text == "p AB|x=1"',
        '@level in ["INFO", "WARN"]',
        '@logger like "c*"',
        "@time >= 1766091600",
        "not @time > 1766091600",
        '@time like "2025-12-18T21:*"',
        '@source == "app.log"',
        "@line == 7",
        '@line == "7"',
    ):
        assert truth(condition, text, **known) is True, condition
    assert truth("@time > 0", text) is False
    assert truth("@level is missing", text) is True


def test_selectors():
    event = event_of("AB|x=one")
    assert selects(parse_selector("AB"), event, Words()) is True
    assert selects(parse_selector("CD where x > 1"), event, Words()) is False
    assert selects(parse_selector("AB where x > 1"), event, Words()) is None
    assert selects(parse_selector("* where x > 1"), event, Words()) is None
    assert selects(parse_selector("*"), event, Words()) is True
    named = {"it": 'AB where x like "o*"', "wide": "AB"}
    assert selects(parse_selector("it", named), event, Words()) is True
    assert selects(parse_selector("wide where x == 'o'", named), event, Words()) is False
    assert selects(parse_selector("it where x is not missing", named), event, Words()) is True


@pytest.mark.parametrize(
    "wrong",
    [
        'x < "1"',
        '"1" >= x',
        "x = 1",
        "x",
        "x ==",
        "x in []",
        "x == 1 y",
        "@nothing == 1",
        "x is empty",
        "x like 1",
        "(x == 1",
    ],
)
def test_wrong_conditions_are_refused(wrong):
    with pytest.raises(RuleError):
        parse_condition(wrong)


def test_expect_is_over_both_sides():
    first, second = event_of("AB|x=1"), event_of("AB|x=2|outbox_count=a")
    assert expects(parse_expect("to.x > from.x"), first, second, Words()) is True
    assert expects(parse_expect("to.count >= 1"), first, second, Words()) is None
    assert expects(parse_expect("from.count >= 1"), first, second, Words()) is False
    with pytest.raises(RuleError):
        parse_expect("x == 1")


# ---- section 3 -----------------------------------------------------------------------------


def at(second: int, rest: str) -> str:
    return f"2025-12-18T21:00:{second:02}Z {rest}"


def order_of(*logs: str, order: str | None = None) -> list[str]:
    result = judged({"forbid": {"where": "AB"}}, list(logs), order=order)
    return [finding["evidence"][0]["text"].rpartition("=")[2] for finding in result["findings"]]


def test_several_sources_are_interleaved_by_time():
    first = log_of(at(1, "AB|n=1"), at(3, "AB|n=3"))
    second = log_of(at(2, "AB|n=2"), "no time, no event", at(4, "AB|n=4"))
    assert order_of(first, second) == ["1", "2", "3", "4"]


def test_one_event_without_a_time_and_sources_follow_each_other():
    first = log_of(at(1, "AB|n=1"), at(3, "AB|n=3"))
    assert order_of(first, log_of("AB|n=2")) == ["1", "3", "2"]


def test_a_source_keeps_its_order_and_its_running_maximum_counts():
    first = log_of(at(5, "AB|n=a5"), at(1, "AB|n=a1"), at(6, "AB|n=a6"))
    second = log_of(at(2, "AB|n=b2"), at(5, "AB|n=b5"))
    # a1 counts as second 5; at second 5 the first source goes before the second
    assert order_of(first, second) == ["b2", "a5", "a1", "b5", "a6"]


def test_the_order_is_told():
    rule = {"forbid": {"where": "AB"}}
    timed, later, untimed = at(5, "AB|n=1"), at(4, "AB|n=2"), "AB|n=3"
    for logs, asked, told in (
        ([timed], None, "lines"),
        ([untimed, "plain"], None, "lines"),
        (["plain", "plain"], None, "lines"),
        (["plain", "plain"], "given", "lines"),
        (["plain", "plain"], "time", "time"),
        ([timed], "given", "lines"),
        ([timed], "time", "time"),
        ([untimed], "time", "unknown"),
        ([timed, later], None, "time"),
        ([timed, later], "time", "time"),
        ([timed, later], "given", "given"),
        ([timed, untimed], None, "unknown"),
        ([timed, untimed], "time", "unknown"),
        ([timed, untimed], "given", "given"),
    ):
        assert run(rule, logs, order=asked)["order"] == told, (logs, asked)


def test_sources_may_follow_each_other_as_given_or_be_put_in_order_of_time():
    first = log_of(at(5, "AB|n=a5"), at(1, "AB|n=a1"), at(5, "AB|n=a5b"))
    second = log_of(at(2, "AB|n=b2"))
    assert order_of(first, second) == ["b2", "a5", "a1", "a5b"]
    assert order_of(first, second, order="given") == ["a5", "a1", "a5b", "b2"]
    assert order_of(first, second, order="time") == ["a1", "b2", "a5", "a5b"]
    assert order_of(first, order="time") == ["a1", "a5", "a5b"]


def test_asked_for_the_order_of_time_an_event_without_a_time_has_none():
    log = log_of(at(5, "AB|n=5"), "AB|n=x", at(1, "AB|n=1"), "AB|n=y")
    assert order_of(log, order="time") == ["1", "5", "x", "y"]
    rule = {"handoff": {"from": "AB", "to": "CD"}}
    log = log_of(at(2, "CD|conv=1"), at(1, "AB|conv=1"), "AB|conv=2", at(3, "AB|conv=3"))
    assert found(judged(rule, log, order="time")) == [("lost", 3), ("lost", 4)]
    result = judged(rule, log_of(log, at(4, "CD|conv=2")), order="time")
    assert short(result) == ("inconclusive", "no_order", 3, 0)
    # of several sources the order of what has a time is known
    logs = [log_of(at(2, "CD|conv=1")), log_of(at(1, "AB|conv=1"), "AB|conv=2")]
    assert found(judged(rule, logs, order="time")) == [("lost", 2)]


def test_without_an_order_a_key_of_several_sources_cannot_be_judged():
    logs = [log_of(plan("1"), give("1"), plan("2"), "OUTBOX_TRACE|phase=delivery|count=1"), give()]
    result = judged(HANDOFF, logs)
    # it outranks the violations, which are not told, and the unattributed
    assert short(result) == ("inconclusive", "no_order", 2, 0)
    assert (result["findings"], set(result["classes"].values())) == ([], {0})
    assert result["unattributed"] == 1
    given = judged(HANDOFF, logs, order="given")
    assert found(given) == [("lost", 3), ("duplicate", 1)]
    # no key has events of both
    assert found(judged(HANDOFF, [log_of(plan("1")), give("2")])) == [("lost", 1), ("orphan", 1)]
    # nor does an event count that the rule does not select, or that is unattributed
    other = "OUTBOX_TRACE|phase=other|conv=1|idem=a"
    assert judged(HANDOFF, [log_of(plan(), give()), other])["outcome"] == "pass"
    nobody = log_of(plan("unknown", ""), give())
    result = judged({**HANDOFF, "allow_unattributed": True}, [log_of(plan(), nobody), nobody])
    assert result["reason"] == "no_order"
    assert judged(HANDOFF, [log_of(plan(), give(), plan("", "")), give("", "")])["reason"] == (
        "unattributed"
    )


@pytest.mark.parametrize(
    ("rule", "logs", "reason"),
    [
        ({"consistent": {"from": "AB", "to": "CD", "fields": ["s"]}}, ["AB|conv=1", "CD"], None),
        ({"consistent": {"from": "AB", "to": "CD", "fields": ["s"]}}, ["AB", "CD"], "no_order"),
        ({"sequence": {"steps": ["AB", "CD"]}}, ["AB", "CD"], "no_order"),
        ({"sequence": {"steps": ["AB", "CD"]}}, ["AB", "AB"], "no_order"),
        ({"sequence": {"steps": ["AB", "CD"]}}, ["AB", "EF"], None),
        ({"sequence": {"steps": ["AB", "CD"]}, "key": "none"}, ["AB|x=1", "CD"], "no_order"),
        ({"sequence": {"steps": ["AB", "CD"]}}, ["AB|k=1", "CD|k=2"], None),
        ({"forbid": {"where": "AB"}}, ["AB", "AB"], None),
        ({"rate": {"of": "AB", "over": "*", "at_least": "9%"}}, ["AB", "AB"], None),
    ],
)
def test_rules_that_join_need_an_order_and_others_do_not(rule, logs, reason):
    texts = [log if "|" in log else f"{log}|k=x" for log in logs]
    result = judged({"key": ["k"], **rule}, texts)
    assert (result["reason"] == "no_order") == (reason == "no_order")


def test_text_matches_go_source_by_source():
    result = judged({"forbid": {"text": "bad"}}, [at(9, "bad AB|n=1"), at(1, "bad AB|n=2")])
    assert [finding["evidence"][0]["path"] for finding in result["findings"]] == ["a.log", "b.log"]


# ---- sections 4, 5 and 7: handoff ----------------------------------------------------------

HANDOFF = {
    "handoff": {
        "from": 'OUTBOX_TRACE where phase == "planner" and count >= 1',
        "to": 'OUTBOX_TRACE where phase == "delivery"',
        "expect": "to.count >= 1",
    }
}


def plan(conv: str = "1", idem: str = "a", count: str = "1") -> str:
    return f"OUTBOX_TRACE|phase=planner|conv={conv}|idem={idem}|count={count}"


def give(conv: str = "1", idem: str = "a", count: str = "1") -> str:
    return f"OUTBOX_TRACE|phase=delivery|conv={conv}|idem={idem}|count={count}"


def test_a_delivered_plan_passes():
    result = judged(HANDOFF, log_of(plan(count="0"), plan(), "words", give()))
    assert short(result) == ("pass", None, 1, 0)
    assert (result["unattributed"], result["weak"], result["measure"]) == (0, 0, None)


def test_lost_by_another_from_and_by_nothing():
    result = judged(HANDOFF, log_of(plan(), plan(), give(), plan("2")))
    assert short(result) == ("fail", None, 3, 2)
    assert found(result) == [("lost", 1), ("lost", 4)]
    assert result["findings"][1]["key"] == {"conv": "2", "idem": "a"}


def test_two_turns_are_two_handoffs_and_losing_the_second_is_found():
    assert found(judged(HANDOFF, log_of(plan(), give(), plan()))) == [("lost", 3)]


def test_mismatch_shows_both_lines():
    assert found(judged(HANDOFF, log_of(plan(), "x", give(count="0")))) == [("mismatch", 1, 3)]


def test_orphan_and_duplicate():
    result = judged(HANDOFF, log_of(give(), plan(), give(), give(), give("2")))
    assert found(result) == [("orphan", 1), ("duplicate", 4), ("orphan", 5)]


def test_an_allowed_class_is_counted_but_does_not_violate():
    rule = {"handoff": {**HANDOFF["handoff"], "orphan": "allow"}}
    result = judged(rule, log_of(give(), plan(), give()))
    assert short(result) == ("pass", None, 1, 0)
    assert result["classes"] == {
        "lost": 0,
        "open": 0,
        "mismatch": 0,
        "late": 0,
        "orphan": 1,
        "duplicate": 0,
    }


def test_late_is_more_than_within_and_a_pair_may_be_two_violations():
    rule = {"handoff": {**HANDOFF["handoff"], "within": "5s"}}
    assert judged(rule, log_of(at(0, plan()), at(5, give())))["outcome"] == "pass"
    result = judged(rule, log_of(at(0, plan()), at(6, give(count="0"))))
    assert found(result) == [("mismatch", 1, 2), ("late", 1, 2)]


LIMITED = {"handoff": {**HANDOFF["handoff"], "within": "5s"}}


def ends(rule: dict, *lines: str, **parameters) -> dict:
    return judged({"handoff": {**rule["handoff"], **parameters}}, log_of(*lines))


def test_a_from_that_nothing_follows_is_open_until_its_limit_has_passed():
    result = ends(LIMITED, at(0, plan()), at(5, "LAST|x=1"))
    assert (short(result), found(result)) == (("inconclusive", "open", 1, 0), [])
    assert result["classes"]["open"] == 1
    assert found(ends(LIMITED, at(0, plan()), at(6, "LAST|x=1"))) == [("lost", 1)]
    # the last event, not the latest, and no plain line
    early = ends(LIMITED, at(0, plan()), at(9, "NEXT|x=1"), at(3, "LAST|x=1"), at(30, "plain"))
    assert early["reason"] == "open"
    # another `from` follows, or there is no limit, or no time
    assert found(ends(LIMITED, at(0, plan()), at(1, plan()), at(2, give()))) == [("lost", 1)]
    assert found(ends(HANDOFF, at(0, plan()), at(1, "LAST|x=1"))) == [("lost", 1)]
    assert found(ends(LIMITED, at(0, plan()), "LAST|x=1")) == [("lost", 1)]
    assert found(ends(LIMITED, plan(), at(0, "LAST|x=1"))) == [("lost", 1)]


def test_what_is_open_violates_or_is_allowed_if_the_rule_says_so():
    lines = [at(0, plan()), at(1, plan("2"))]
    assert found(ends(LIMITED, *lines, open="violate")) == [("open", 1), ("open", 2)]
    allowed = ends(LIMITED, *lines, open="allow")
    assert (short(allowed), allowed["classes"]["open"]) == (("pass", None, 2, 0), 2)


def test_a_violation_outranks_what_is_open_which_outranks_the_unattributed():
    lines = [at(0, plan()), at(1, plan("2")), at(1, plan("None", ""))]
    assert judged(LIMITED, log_of(*lines))["reason"] == "open"
    result = judged(LIMITED, log_of(*lines, at(2, give("3"))))
    assert (found(result), result["reason"]) == ([("orphan", 4)], None)
    assert (result["violations"], result["classes"]["open"]) == (1, 2)


def test_a_class_within_its_budget_is_only_counted_and_beyond_it_all_violate():
    lines = [plan(), give(), give(), give()]
    within = ends(HANDOFF, *lines, duplicate=2)
    assert (short(within), within["classes"]["duplicate"]) == (("pass", None, 1, 0), 2)
    assert found(ends(HANDOFF, *lines, duplicate=1)) == [("duplicate", 3), ("duplicate", 4)]
    lines = [plan("1"), *[line for _ in range(3) for line in (plan("2"), give("2"))]]
    within = ends(HANDOFF, *lines, lost="25%")
    assert (short(within), within["classes"]["lost"]) == (("pass", None, 4, 0), 1)
    assert found(ends(HANDOFF, *lines, lost="24.999%")) == [("lost", 1)]
    assert found(ends(HANDOFF, *lines, lost="violate")) == [("lost", 1)]
    # a share of no subjects is none
    assert found(ends(HANDOFF, give(), orphan="100%")) == [("orphan", 1)]


def test_a_pair_without_a_time_is_no_time_but_a_violation_outranks_it():
    rule = {"handoff": {**HANDOFF["handoff"], "within": "5s"}}
    assert short(judged(rule, log_of(plan(), give()))) == ("inconclusive", "no_time", 1, 0)
    assert short(judged(rule, log_of(plan(), give(), plan()))) == ("fail", None, 2, 1)


def test_an_event_that_matches_both_is_a_from():
    rule = {"handoff": {"from": "AB", "to": "AB where x == 1"}}
    assert found(judged(rule, "AB|conv=1|x=1")) == [("lost", 1)]


def test_an_unknown_expect_is_no_mismatch_and_incomparable():
    result = judged(HANDOFF, log_of(plan(), give(count="many")))
    assert short(result) == ("inconclusive", "incomparable", 1, 0)


def test_an_event_with_an_unknown_condition_is_not_selected():
    result = judged(HANDOFF, log_of(plan(count="many"), plan(), give()))
    assert short(result) == ("inconclusive", "incomparable", 1, 0)


def test_unattributed_events_join_nothing():
    log = log_of(plan("unknown", ""), plan(), give())
    result = judged(HANDOFF, log)
    assert short(result) == ("inconclusive", "unattributed", 1, 0)
    assert result["unattributed"] == 1
    allowed = judged({**HANDOFF, "allow_unattributed": True}, log)
    assert short(allowed) == ("pass", None, 1, 0)


def test_a_weak_key_joins_literally():
    result = judged(HANDOFF, log_of(plan("1", "unknown"), give("1", "unknown")))
    assert (short(result), result["weak"]) == (("pass", None, 1, 0), 1)


def test_missing_and_empty_parts_are_different_keys_and_missing_is_null():
    result = judged(HANDOFF, log_of("OUTBOX_TRACE|phase=planner|conv=1|count=1", give("1", "")))
    assert found(result) == [("lost", 1), ("orphan", 2)]
    keys = [finding["key"] for finding in result["findings"]]
    assert keys == [{"conv": "1", "idem": None}, {"conv": "1", "idem": ""}]


def test_a_key_may_be_spelled_by_an_alias():
    log = log_of(plan(), "OUTBOX_TRACE|phase=delivery|conversation_id=1|idempotency_key=a|count=1")
    assert judged(HANDOFF, log)["outcome"] == "pass"


def test_a_void_value_does_not_fall_through_to_the_alias():
    log = log_of(plan(), give("unknown") + "|conversation_id=1")
    result = judged(HANDOFF, log)
    assert found(result) == [("lost", 1), ("orphan", 2)]


def test_key_none_judges_the_log_as_one_key():
    result = judged({**HANDOFF, "key": "none"}, log_of(plan("None", ""), give("2", "b"), plan()))
    assert found(result) == [("lost", 3)]
    assert result["findings"][0]["key"] == {}
    assert (result["unattributed"], result["weak"]) == (0, 0)


def test_the_file_may_declare_key_void_and_named_events():
    result = judged(
        {"handoff": {"from": "start", "to": "end"}},
        log_of("AB|s=-", "AB|s=1", "CD|s=1"),
        key=["s"],
        void=["-"],
        events={"start": "AB", "end": "CD"},
    )
    assert short(result) == ("inconclusive", "unattributed", 1, 0)


def test_no_subject_is_no_evidence_but_a_violation_outranks_it():
    assert short(judged(HANDOFF, "plain\n")) == ("inconclusive", "no_evidence", 0, 0)
    assert short(judged({**HANDOFF, "allow_empty": True}, "plain\n")) == ("pass", None, 0, 0)
    assert short(judged(HANDOFF, give())) == ("fail", None, 0, 1)
    only_void = plan("None", "None")
    assert judged(HANDOFF, only_void)["reason"] == "unattributed"


# ---- section 7: consistent -----------------------------------------------------------------

CONSISTENT = {"consistent": {"from": "AB", "to": "CD", "fields": ["s", "o"]}}


def test_a_drift_for_each_field_that_differs():
    result = judged(CONSISTENT, log_of("AB|conv=1|s=1|o=2", "CD|conv=1|s=3|o=4"))
    assert short(result) == ("fail", None, 1, 2)
    assert found(result) == [("drift", 1, 2), ("drift", 1, 2)]
    assert result["classes"] == {"drift": 2}


def test_a_void_field_is_not_comparable_and_such_a_pair_is_no_subject():
    result = judged(
        CONSISTENT,
        log_of("AB|conv=1|s=1|o=MISSING", "CD|conv=1|s=1|o=4", "AB|conv=1", "CD|conv=1|s=1"),
    )
    assert short(result) == ("pass", None, 1, 0)
    assert result["weak"] == 1
    assert judged(CONSISTENT, log_of("AB|conv=1", "CD|conv=1"))["reason"] == "no_evidence"


def test_only_the_directly_preceding_from_is_paired():
    result = judged(
        CONSISTENT, log_of("AB|conv=1|s=1", "AB|conv=1|s=2", "CD|conv=1|s=2", "CD|conv=1|s=3")
    )
    assert short(result) == ("pass", None, 1, 0)


# ---- section 7: sequence -------------------------------------------------------------------

SEQUENCE = {"sequence": {"steps": ["AB", "CD", "EF"], "within": "9s"}}


def seq(*tags: str) -> str:
    lines = [at(second, f"{tag}|conv=1|idem=a") for second, tag in enumerate(tags)]
    return log_of(*lines, at(59, "LAST|of=all"))


@pytest.mark.parametrize(
    ("tags", "findings", "subjects"),
    [
        ("AB CD EF", [], 1),
        ("AB CD EF AB CD EF", [], 2),
        ("CD EF AB CD EF", [], 1),
        ("AB CD CD EF EF", [], 1),
        ("AB EF CD EF", [], 1),
        ("AB CD", [("missing", 1, 2)], 1),
        ("AB", [("missing", 1)], 1),
        ("AB EF", [("missing", 1)], 1),
        ("AB EF CD", [("out_of_order", 1, 3)], 1),
        ("AB AB CD EF", [("missing", 1)], 2),
        ("EF AB CD", [("missing", 2, 3)], 1),
    ],
)
def test_a_sequence(tags, findings, subjects):
    result = judged(SEQUENCE, seq(*tags.split()))
    assert (found(result), result["subjects"]) == (findings, subjects)


def test_a_late_run_shows_its_ends_and_a_missing_step_is_not_also_late():
    log = log_of(at(0, "AB|conv=1"), at(1, "CD|conv=1"), at(10, "EF|conv=1"))
    assert found(judged(SEQUENCE, log)) == [("late", 1, 3)]
    log = log_of(at(0, "AB|conv=1"), at(10, "CD|conv=1"))
    assert found(judged(SEQUENCE, log)) == [("missing", 1, 2)]


def test_a_run_that_lacks_a_time_is_no_time():
    log = log_of(at(0, "AB|conv=1"), "CD|conv=1", "EF|conv=1")
    assert short(judged(SEQUENCE, log)) == ("inconclusive", "no_time", 1, 0)
    log = log_of(at(0, "AB|conv=1"), "CD|conv=1", at(1, "EF|conv=1"))
    assert short(judged(SEQUENCE, log)) == ("pass", None, 1, 0)


def test_a_run_that_misses_steps_is_open_until_its_limit_has_passed():
    for tags in ("AB", "AB CD", "AB EF CD"):
        lines = [at(second, f"{tag}|conv=1") for second, tag in enumerate(tags.split())]
        result = judged(SEQUENCE, log_of(*lines, at(9, "LAST|x=1")))
        assert (short(result), result["classes"]["open"]) == (("inconclusive", "open", 1, 0), 1)
        result = judged(SEQUENCE, log_of(*lines, at(10, "LAST|x=1")))
        assert (result["outcome"], result["classes"]["open"]) == ("fail", 0)
    # a run that the next one closed is not open, nor is one without a time
    log = log_of(at(0, "AB|conv=1"), at(1, "AB|conv=1"), at(2, "CD|conv=1"), at(3, "EF|conv=1"))
    assert found(judged(SEQUENCE, log)) == [("missing", 1)]
    assert found(judged(SEQUENCE, log_of("AB|conv=1", at(1, "CD|conv=1")))) == [("missing", 1, 2)]


def test_classes_of_a_sequence_may_have_budgets_too():
    log = log_of(at(0, "AB|conv=1"), at(1, "CD|conv=1"), at(5, "AB|conv=2"), at(10, "LAST|x=1"))

    def ends_as(**parameters) -> list[tuple]:
        return found(judged({"sequence": {**SEQUENCE["sequence"], **parameters}}, log))

    assert ends_as() == [("missing", 1, 2)]
    assert ends_as(missing="50%", open="violate") == [("open", 3)]
    assert ends_as(missing="49%", open="allow") == [("missing", 1, 2)]
    assert ends_as(missing=1, open="allow") == []


def test_an_event_that_matches_two_steps_counts_as_the_earlier():
    rule = {"sequence": {"steps": ["AB", "CD where x == 1", "CD"]}}
    log = log_of("AB|conv=1", "CD|conv=1|x=1")
    assert found(judged(rule, log)) == [("missing", 1, 2)]
    log = log_of("AB|conv=1", "CD|conv=1|x=1", "CD|conv=1|x=2")
    assert judged(rule, log)["outcome"] == "pass"


def test_runs_are_per_key_unless_key_is_none():
    log = log_of("AB|conv=1", "CD|conv=2", "EF|conv=1")
    rule = {"sequence": {"steps": ["AB", "CD", "EF"]}}
    assert found(judged(rule, log)) == [("missing", 1)]
    assert judged(rule, log)["weak"] == 1
    assert short(judged({**rule, "key": "none"}, log)) == ("pass", None, 1, 0)


# ---- section 7: forbid, require, rate, wellformed --------------------------------------------


def test_forbid_over_events():
    log = log_of("AB|x=1", "plain", "CD|x=1", "AB|x=2")
    result = judged({"forbid": {"where": "* where x == 1"}}, log)
    assert short(result) == ("fail", None, 3, 2)
    assert found(result) == [("forbidden", 1), ("forbidden", 3)]
    assert [finding["key"] for finding in result["findings"]] == [{}, {}]
    assert short(judged({"forbid": {"where": "AB where x == 3"}}, log)) == ("pass", None, 3, 0)


def test_forbid_over_lines_and_the_first_n_are_free():
    log = log_of("bad", "AB|x=bad", "good", "bad bad")
    assert short(judged({"forbid": {"text": "bad"}}, log)) == ("fail", None, 4, 3)
    allowed = judged({"forbid": {"text": "bad", "allow": 2}}, log)
    assert found(allowed) == [("forbidden", 4)]
    assert allowed["classes"] == {"forbidden": 1}
    assert judged({"forbid": {"text": "bad", "allow": 3}}, log)["outcome"] == "pass"


def test_text_patterns_see_the_cleaned_unwrapped_text():
    log = json.dumps({"message": "b\x1b[1mad"})
    assert judged({"forbid": {"text": "^bad$"}}, log)["violations"] == 1


def test_forbid_over_nothing_is_no_evidence():
    for log, rule in (("plain\n", {"where": "AB"}), ("", {"text": "bad"})):
        assert short(judged({"forbid": rule}, log)) == ("inconclusive", "no_evidence", 0, 0)
        assert judged({"forbid": rule, "allow_empty": True}, log)["outcome"] == "pass"


def test_forbid_with_an_unknown_condition_is_incomparable():
    result = judged({"forbid": {"where": "AB where x > 1"}}, "AB|x=many")
    assert short(result) == ("inconclusive", "incomparable", 1, 0)


def test_require():
    log = log_of("AB|x=1", "AB|x=1", "AB|x=2", "AB|x=1")
    one = "AB where x == 1"
    assert short(judged({"require": {"where": one}}, log)) == ("pass", None, 4, 0)
    few = judged({"require": {"where": one, "at_least": 4}}, log)
    assert (short(few), found(few)) == (("fail", None, 4, 1), [("too_few",)])
    many = judged({"require": {"where": one, "at_most": 2}}, log)
    assert (short(many), found(many)) == (("fail", None, 4, 1), [("too_many", 4)])
    assert short(judged({"require": {"text": "plain"}}, "")) == ("fail", None, 0, 1)


RATE = {"rate": {"of": "AB where ok == 1", "over": "AB where ok in [0, 1]", "at_least": "95%"}}


def test_rate():
    log = log_of(*["AB|ok=1"] * 19, "AB|ok=0", "AB|ok=7")
    result = judged(RATE, log)
    assert short(result) == ("pass", None, 20, 0)
    assert result["measure"] == {"of": 19, "over": 20, "limit": "95%"}
    below = judged(RATE, log_of("AB|ok=1", "AB|ok=0", "AB|ok=0"))
    assert (short(below), found(below)) == (("fail", None, 3, 1), [("below", 2, 3)])
    above = {"rate": {"of": "AB where ok == 0", "over": "AB", "at_most": "33.3%"}}
    log = log_of("AB|ok=1", "AB|ok=0", "AB|ok=1")
    assert found(judged(above, log)) == [("above", 2)]
    above["rate"]["at_most"] = "33.4%"
    assert short(judged(above, log)) == ("pass", None, 3, 0)


def test_offending_lines_are_shown_up_to_the_number_of_findings():
    above = {"id": "it", "rate": {"of": "AB where x == 1", "over": "AB", "at_most": "0%"}}
    many = {"id": "it", "require": {"where": "AB where x == 1", "at_most": 1}}
    log = log_of("AB|x=1", "AB|x=0", *["AB|x=1"] * 5).encode()
    for rule, lines in ((above, [1, 3, 4, 5, 6, 7]), (many, [3, 4, 5, 6, 7])):
        for most, shown in ((None, lines), (4, lines[:4]), (1, lines[:1]), (0, [])):
            result = report([[("a.log", log)]], {"rules": [rule]}, max_findings=most)["rules"][0]
            assert [n for _, *found_lines in found(result) for n in found_lines] == shown


def test_only_rules_as_severe_as_fail_on_can_fail_a_run():
    rules = {"rules": [{"id": "it", "severity": "medium", "forbid": {"where": "AB"}}]}
    source = [[("a.log", b"AB|x=1\n")]]
    assert report(source, rules, fail_on="medium")["verdict"] == "fail"
    assert report(source, rules, fail_on="high")["verdict"] == "inconclusive"


def test_a_share_over_too_few_events_is_not_judged():
    rule = {"rate": {**RATE["rate"], "min_events": 3}}
    for log in (log_of("AB|ok=1", "AB|ok=1"), log_of("AB|ok=0", "AB|ok=0")):
        assert short(judged(rule, log)) == ("inconclusive", "too_few", 2, 0)
        assert judged({**rule, "allow_empty": True}, log)["reason"] == "too_few"
    assert short(judged(rule, "")) == ("inconclusive", "no_evidence", 0, 0)
    assert short(judged({**rule, "allow_empty": True}, "")) == ("pass", None, 0, 0)


def test_a_rate_over_two_tags_that_never_meet_is_refused():
    for of, over in (("AB", "CD where x == 1"), ("named", "CD")):
        with pytest.raises(RuleError):
            judged(
                {"rate": {"of": of, "over": over, "at_least": "1%"}},
                "",
                events={"named": "AB where x == 2"},
            )


def test_of_is_only_asked_of_events_that_match_over():
    rule = {"rate": {"of": "* where n > 1", "over": "AB", "at_least": "1%"}}
    assert judged(rule, log_of("AB|n=2", "CD|n=x"))["outcome"] == "pass"
    assert judged(rule, log_of("AB|n=2", "AB|n=x"))["reason"] == "incomparable"


def test_wellformed():
    log = b"AB|x=1|x=2\nAB\nAB\xff|\n\xffplain\nfine\n"
    rule = {"wellformed": {}}
    other = {"id": "names-ab", "require": {"where": "AB"}}
    sources = [[("app.log", log)]]
    whole = report(sources, {"rules": [{"id": "it", **rule}, other]})
    # line 3 has AB followed by U+FFFD and then no NAME=: plain, but undecodable
    assert whole["totals"] == {
        "lines": 5,
        "events": 1,
        "plain": 3,
        "malformed": 1,
        "undecodable": 2,
        "too_long": 0,
        "duplicate_field": 1,
        "second_event": 0,
        "time_goes_back": 0,
    }
    result = whole["rules"][0]
    assert short(result) == ("fail", None, 5, 4)
    assert found(result) == [
        ("duplicate_field", 1),
        ("malformed", 2),
        ("undecodable", 3),
        ("undecodable", 4),
    ]
    for params, violations in (
        ({"at_most": 4}, 0),
        ({"at_most": 3}, 4),
        ({"at_most": "80%"}, 0),
        ({"at_most": "79.9%"}, 4),
        ({"count": ["malformed"], "at_most": 0}, 1),
        ({"count": ["too_long"]}, 0),
    ):
        rules = {"rules": [{"id": "it", "wellformed": params}, other]}
        result = report(sources, rules)["rules"][0]
        assert result["violations"] == violations, params
        assert sum(result["classes"].values()) == violations


def test_the_class_of_a_defective_line_is_the_first_that_applies():
    log = b"AB|\xff\n" + b"AB|x=1|x=2|y=" + b"z" * LONGEST
    rules = [
        {"id": "it", "wellformed": {"count": list(reversed(DEFECTS))}},
        {"id": "other", "forbid": {"where": "AB where x == 9"}},
    ]
    result = report([[("app.log", log)]], {"rules": rules})["rules"][0]
    assert found(result) == [("malformed", 1), ("too_long", 2)]


def test_a_line_of_two_events_is_defective():
    log = log_of("AB|x=1 AB|y=2", "AB|x=1|x=2|AB|y=1", "message repeated 2 times: [ AB|x=1]")
    rules = [
        {"id": "it", "wellformed": {}},
        {"id": "other", "forbid": {"where": "AB where x == 9"}},
    ]
    whole = report([[("app.log", log.encode())]], {"rules": rules})
    assert found(whole["rules"][0]) == [
        ("second_event", 1),
        ("duplicate_field", 2),
        ("malformed", 3),
    ]
    totals = whole["totals"]
    assert (totals["second_event"], totals["duplicate_field"], totals["events"]) == (2, 1, 2)


def test_wellformed_over_no_lines_is_no_evidence():
    assert short(judged({"wellformed": {}}, "")) == ("inconclusive", "no_evidence", 0, 0)


# ---- sections 5 and 8: the report ----------------------------------------------------------


def test_never_seen():
    log = log_of("OUTBOX_TRACE|phase=planner|outbox_count=1")
    rule = {"forbid": {"where": 'OUTBOX_TRACES where fase == "x" and count > 5 and @level == "E"'}}
    assert judged(rule, log)["never_seen"] == [
        {"what": "tag", "name": "OUTBOX_TRACES"},
        {"what": "field", "name": "fase"},
        {"what": "attribute", "name": "@level"},
    ]
    keyed = judged({**HANDOFF, "key": ["visit"]}, log)
    delivery = {"what": "value", "name": "delivery", "of": "phase"}
    assert keyed["never_seen"] == [{"what": "field", "name": "visit"}, delivery]
    assert judged(HANDOFF, log)["never_seen"] == [delivery]
    assert judged(HANDOFF, log_of(log, give()))["never_seen"] == []


def test_never_seen_values_are_texts_of_fields_that_are_seen():
    log = log_of("AB|step=a|outbox_count=one", "CD|step=b")

    def unseen(condition: str) -> list[tuple]:
        result = judged({"forbid": {"where": f"AB where {condition}"}}, log)
        return [(one["name"], one.get("of")) for one in result["never_seen"]]

    assert unseen('step == "b" or "c" == step') == [("c", "step")]
    assert unseen('not step in ["z", "a", "y"]') == [("y", "step"), ("z", "step")]
    assert unseen('step != "z" and step like "z" and step in [1, 2] and @tag == "Z"') == []
    assert unseen('count == "two"') == [("two", "count")]
    assert unseen('stop == "z"') == [("stop", None)]
    pairs = {"handoff": {"from": "AB", "to": "CD", "expect": 'from.step == "A"'}}
    assert judged(pairs, log)["never_seen"] == [{"what": "value", "name": "A", "of": "step"}]


def test_never_seen_attributes_are_those_that_no_event_has():
    rule = {"forbid": {"where": 'AB where @level is missing and @logger == "a" and @time > 1'}}

    def unseen(log: str) -> list[tuple]:
        return [(one["what"], one["name"]) for one in judged(rule, log)["never_seen"]]

    assert unseen("ERROR 2025-12-18 21:00:00\nAB|x=1") == [
        ("attribute", "@level"),
        ("attribute", "@logger"),
        ("attribute", "@time"),
    ]
    assert unseen('1766091600 {"message": "AB|x=1", "level": 30, "name": "b"}') == []


def test_verdict_and_exit_code():
    passes = {"id": "a", "forbid": {"text": "bad"}}
    fails = {"id": "b", "forbid": {"text": "good"}}
    open_ = {"id": "c", **HANDOFF}
    sources = [[("x.log", b"good\n")]]

    def ends(*rules):
        result = report(sources, {"rules": list(rules)})
        return result["verdict"], result["exit_code"]

    assert ends(passes) == ("pass", 0)
    assert ends(passes, open_) == ("inconclusive", 3)
    assert ends(passes, open_, fails) == ("fail", 1)
    assert ends({**fails, "enabled": False}) == ("inconclusive", 3)
    assert ends({**fails, "enabled": False}, passes) == ("pass", 0)
    with pytest.raises(RuleError):
        report(sources, {"rules": []})


def test_the_report_tells_what_a_rule_says_and_whether_it_counts():
    rules = [
        {
            "id": "a",
            "severity": "low",
            "title": "T",
            "why": "W",
            "remedy": "",
            "forbid": {"text": "x"},
        }
    ]
    (rule,) = report([[("x.log", b"y\n")]], {"rules": rules}, fail_on="high")["rules"]
    said = {name: rule[name] for name in ("counted", "title", "why", "remedy")}
    assert said == {"counted": False, "title": "T", "why": "W", "remedy": None}


def test_the_span_and_the_times_of_findings():
    log = [log_of(at(5, "AB|x=1"), at(9, "plain"), "AB|x=2", at(3, "AB|x=3")), "AB|x=4"]
    result = run({"forbid": {"where": "AB"}}, log)
    assert result["span"] == {"first": "2025-12-18T21:00:03Z", "last": "2025-12-18T21:00:05Z"}
    assert [finding["time"] for finding in result["rules"][0]["findings"]] == [
        "2025-12-18T21:00:05Z",
        None,
        "2025-12-18T21:00:03Z",
        None,
    ]
    (finding,) = judged({"forbid": {"text": "plain"}}, log)["findings"]
    assert finding["time"] == "2025-12-18T21:00:09Z"
    (finding,) = judged({"require": {"where": "CD"}}, log)["findings"]
    assert finding["time"] is None


def test_a_disabled_rule_is_not_in_the_report():
    rules = [
        {"id": "a", "forbid": {"text": "x"}, "enabled": False},
        {"id": "b", "forbid": {"text": "x"}, "severity": "low"},
    ]
    result = report([[("x.log", b"y\n")]], {"rules": rules})
    assert [(rule["id"], rule["severity"]) for rule in result["rules"]] == [("b", "low")]


def test_inputs_totals_and_the_cut_list_of_findings():
    rules = {"rules": [{"id": "a", "forbid": {"where": "AB"}}]}
    rotated = [("a.log.1", b"\xef\xbb\xbfAB|x=1\n"), ("a.log", b"AB|x=2\r\nAB y=\n")]
    result = report(
        [rotated, [("b", b"AB|x=3")]],
        rules,
        max_findings=2,
    )
    assert (result["schema"], result["order"], result["span"]) == (2, "unknown", None)
    assert result["inputs"] == [
        {"path": "a.log.1", "lines": 1, "bytes": 10},
        {"path": "a.log", "lines": 2, "bytes": 14},
        {"path": "b", "lines": 1, "bytes": 6},
    ]
    assert result["totals"] == {
        "lines": 4,
        "events": 3,
        "plain": 0,
        "malformed": 1,
        "undecodable": 0,
        "too_long": 0,
        "duplicate_field": 0,
        "second_event": 0,
        "time_goes_back": 0,
    }
    rule = result["rules"][0]
    assert (rule["violations"], rule["findings_omitted"], len(rule["findings"])) == (3, 1, 2)
    assert rule["findings"][0] == {
        "class": "forbidden",
        "key": {},
        "time": None,
        "evidence": [{"path": "a.log.1", "line": 1, "text": "AB|x=1"}],
    }


def test_a_part_of_a_rotated_set_that_ends_in_a_line_is_told():
    files = [("a.log.2", b"x"), ("a.log.1", b""), ("a.log.0", b"x\n"), ("a.log", b"x")]
    inputs = report([files], {"rules": [{"id": "a", "forbid": {"text": "y"}}]})["inputs"]
    assert [one.get("unfinished") for one in inputs] == [True, None, None, None]


def test_findings_are_in_the_order_of_their_first_evidence():
    log = log_of(plan("1"), plan("2"), give("2", count="0"), give("3"), plan("1"))
    assert found(judged(HANDOFF, log)) == [
        ("lost", 1),
        ("mismatch", 2, 3),
        ("orphan", 4),
        ("lost", 5),
    ]
