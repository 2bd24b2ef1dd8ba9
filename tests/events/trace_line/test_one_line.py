"""A line is an event, prose, or malformed; a malformed one is told why, at the right place."""

from __future__ import annotations

import pytest
from laws.one_line import read_line

from tracecheck.events.trace_line.damage import explain_malformed

CRI = "2025-12-18T21:00:00.1Z stdout"
TAGS = frozenset({"AA", "AAB", "A_A", "BB", "INFO"})
FIELDS = ("read",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AA", "AA at column 1 ends the line: its fields are cut off"),
        ("see AA \t", "AA at column 5 ends the line: its fields are cut off"),
        ("AA|", "AA| at column 1 has no field (name=value) of its own after it"),
        ("AA | note", "AA| at column 1 has no field (name=value) of its own after it"),
        ("x: AA|note|", "AA| at column 4 has no field (name=value) of its own after it"),
        ("AA a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA   a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA:a=1", "AA at column 1 is followed by ':' where `|` should stand"),
        ("AA -> a=1", None),
        ("AA => a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA ;;; a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA ;;;; a=1", None),
        ("AA\na=1", "AA at column 1 is followed by '\\n' where `|` should stand"),
        ("AAB", "AAB at column 1 ends the line: its fields are cut off"),
        ("XAA AA=a=1 BB", "AA at column 5 is followed by '=' where `|` should stand"),
        # What is prose is passed over, whatever stands malformed behind it.
        ("AA is fine here BB|", "BB| at column 17 has no field (name=value) of its own after it"),
        ("AA.x=1 AA-y=1 BB", "BB at column 15 ends the line: its fields are cut off"),
        ("AA BB CC AA", "AA at column 10 ends the line: its fields are cut off"),
        ("AA: a=1 BB a=1", "AA at column 1 is followed by ':' where `|` should stand"),
        ("AA is here", None),
        ("AAlevel=x|b=1", "AA at column 1 is followed by 'l' where `|` should stand"),
        ("AA_X=1", None),
        ("AABx=1 AA1=2", None),
        ("AABx=1|y=2", "AAB at column 1 is followed by 'x' where `|` should stand"),
        ("AAread=1", "AA at column 1 is followed by 'r' where `|` should stand"),
        ("AAreader=1 BB_read=1", None),
        ("A_Ax=1", "A_A at column 1 is followed by 'x' where `|` should stand"),
        ("CC x=1", None),
        # A line end or a tab, as JSON writes it.
        ('{"x":"y\\nAA|a=1"}', "AA| at column 10 has no field (name=value) of its own after it"),
        (r"C:\new AA is fine", None),
        # A level word stands in any line.
        ("INFO: AA|", "AA| at column 7 has no field (name=value) of its own after it"),
        ("INFO|AA|", "AA| at column 6 has no field (name=value) of its own after it"),
        ("INFO a=1 BB", "BB at column 10 ends the line: its fields are cut off"),
        ("INFO", None),
        # The event of another tag does not hide it.
        ("AA;level=CRITICAL|a=1", "AA at column 1 is followed by ';' where `|` should stand"),
        ("AA: CC|a=1", None),
        ("AA|BB|a=1", "AA| at column 1 has no field (name=value) of its own after it"),
        ("CC|AA:x=1|a=1", "AA at column 4 is followed by ':' where `|` should stand"),
        ("AA: AA|a=1", None),
        ("AA level=x|b=1 AA|a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA level=x AA|a=1", "AA at column 1 is followed by ' ' where `|` should stand"),
        ("AA|AA|a=1", None),
        ("CC|a=1|AA:b=1", None),
        # Quotes that are never closed, and lines that stand for several.
        ('msg="AA|a=1', "AA at column 6 stands in quotes that are never closed"),
        ("x='CC|a=1", "its tag stands in quotes that are never closed"),
        ('"AA|a=5" x|b=1"', "AA at column 2 stands in quotes of which the end is not clear"),
        ("[AA|a=1] x|b=1", "AA at column 2 stands in quotes of which the end is not clear"),
        # A part of CRI, whose end is not in the log.
        (f"{CRI} P AA|a=1", "the line is a part whose end is not in the log"),
        (f"{CRI} P CC|a=1|b=\\nAA|a=1", "the line is a part whose end is not in the log"),
        (f"x {CRI} P CC|a=1", None),
        (f"{CRI} P AA is fine", None),
        (f"{CRI} F AA|a=1", None),
        ('msg="AA|x" b=1', "AA| at column 6 has no field (name=value) of its own after it"),
        # The rest of an envelope whose beginning is lost.
        ('x: AA|a=y","n":2}', "AA at column 4 stands in an envelope whose beginning is lost"),
        ("AA|a=y', 'n': 2}", "AA at column 1 stands in an envelope whose beginning is lost"),
        ('CC|a=y" seq=2', "CC at column 1 stands in an envelope whose beginning is lost"),
        (r"AA|a=y\n\",\"n\":", "AA at column 1 stands in an envelope whose beginning is lost"),
        ('AA|a=y ","n":2}', "AA at column 1 stands in an envelope whose beginning is lost"),
        ('AA|a={"b":"c","d":["e"]}', None),
        ('AA|a=say "x", "y"|b=2', None),
        ("AA|a=the users' {b}|c='d'", None),
        ('AA|a=5"|b=24"', None),
        (
            "message repeated 3 times: [ AA|a=1]",
            "the line stands for several: how often is not seen",
        ),
        ("AA|text=message repeated 3 times: [ x]", None),
        ("message repeated 3 times: [ hello ]", None),
    ],
)
def test_a_malformed_line_says_why(text, said):
    assert read_line(text, TAGS, FIELDS).malformed == (said is not None)
    assert said in (None, explain_malformed(text, TAGS, FIELDS))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('msg="AA|a=1|b=x y" seq=2', {"a": "1", "b": "x y"}),
        ("{'message': 'AA|a=1', 'seq': 2}", {"a": "1"}),
        ('msg="AA|a=\\"x\\" y" seq="2"', {"a": '"x" y'}),
        ('2025,"AA|a=""x""|b=2",7', {"a": '"x"', "b": "2"}),
        # The tag need not stand directly behind the quote.
        ('level=info msg="worker 3: AA|a=1" seq=2', {"a": "1"}),
        ("{'message': 'INFO app AA|a=1', 'seq': 2}", {"a": "1"}),
        # Quotes in quotes: what ends the outer ones ends the inner ones.
        ('"{\\"message\\": \\"AA|a=1\\"}"', {"a": "1"}),
        ('x="{\\"m\\": \\"AA|a=\\\\\\"q\\\\\\"\\"}"', {"a": '"q"'}),
        ('x="\\"AA|a=1"', {"a": "1"}),
        ('x="{\\"m\\": \\"app: AA|a=\\\\\\"q\\\\\\"\\"}"', {"a": '"q"'}),
        ("cmd=\"echo 'app: AA|a=1'\"", {"a": "1"}),
        ('7,"{""m"":""AA|a=1"",""x"":1}",8', {"a": "1"}),
        ('7,"{""m"":""app: AA|a=1"",""x"":1}",8', {"a": "1"}),
        # Behind other characters, and with the line feed of the message.
        ('7;"app: AA|a=1";8', {"a": "1"}),
        ('<m>"app: AA|a=1"</m>', {"a": "1"}),
        ("b'AA|a=1\\n'", {"a": "1"}),
        ("out: b'app: AA|a=1\\r\\n', err: b''", {"a": "1"}),
        ("read u'app: AA|a=1'", {"a": "1"}),
        ("+ echo 'app: AA|a=1'", {"a": "1"}),
        ("+ echo 'AA|a=it'\\''s|b=2'", {"a": "it's", "b": "2"}),
        # Other quotes, brackets, elements.
        ("`AA|a=1`", {"a": "1"}),
        ("ran `app: AA|a=1` again", {"a": "1"}),
        ("\u201cAA|a=it\u2019s\u201d", {"a": "it\u2019s"}),
        ("\u201eapp: AA|a=1\u201c", {"a": "1"}),
        ("\u00abAA|a=\u00abx\u00bb y\u00bb", {"a": "\u00abx\u00bb y"}),
        ("\u00bbAA|a=1\u00ab", {"a": "1"}),
        ("[AA|a=[1, 2]]", {"a": "[1, 2]"}),
        ("(app: AA|a=1)", {"a": "1"}),
        ("<AA|a=1>", {"a": "1"}),
        ("<m>AA|a=1</m>", {"a": "1"}),
        ('<e n="1"><m>app: AA|a=1</m><n>2</n></e>', {"a": "1"}),
        ("AA|a=<b>x</b></m></e>", {"a": "<b>x</b>"}),
        ("<![CDATA[AA|a=1]]></m>", {"a": "1"}),
        ("<m t=&quot;AA|a=1&quot; n=2/>", {"a": "1"}),
        # No quotes: closed before, an inch mark, an apostrophe, what is never closed.
        ('x="y" AA|a="1"', {"a": '"1"'}),
        ('5" disk AA|a=1"', {"a": '1"'}),
        ("it's AA|a='1'", {"a": "'1'"}),
        ("the '90s AA|a=it's 5\" wide|b=2", {"a": "it's 5\" wide", "b": "2"}),
        ("'AA|a=O'Brien|b=2'", {"a": "O'Brien", "b": "2"}),
        ("can't open `x': AA|a='1'", {"a": "'1'"}),
        ("[INFO] x (7) AA|a=1)", {"a": "1)"}),
        (":( AA|a=x", {"a": "x"}),
        ("a <b> AA|a=x < y>", {"a": "x < y>"}),
        ("AA|a=x</b> y", {"a": "x</b> y"}),
    ],
)
def test_a_trace_line_in_quotes_ends_before_the_matching_quote(text, fields):
    found = read_line(text, TAGS)
    assert found.trace_line is not None
    assert found.trace_line.fields == fields


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("CC|a=1|b=okERROR:app:AA|level=x", True),
        ("AA|a=1\nAA|a=2", True),
        ("AA|a=1 BB | b=2", True),
        ("AA|a=1|BB|note|b=2", True),
        ('x="AA|a=1" y="BB|b=2"', True),
        ("CC|a=1|INFO|b=2", True),
        (r"CC|a=1\nAA|b=2", True),
        ("CC|a=ok#012AA|b=2", True),
        (r"CC|a=\u003c13\u003eAA|b=2", True),
        ("AA|a=BB|b=2", False),
        ("AA|a=1|b=BB", False),
        ("AA|a=1|CC|b=2", False),
        ("AA|a=1 BB: x|b=2", False),
        # It may be damaged, but a value is no damage, nor is a word of one.
        ("AA|a=1|BB|note", True),
        ("AA|a=1 BB b=2", True),
        ("AA|a=1|BB: b=2", True),
        ("AA|a=1 BBread=2", True),
        ("AA|a=1 BBx=2", False),
        ("AA|a=1|BB", True),
        ("AA|a=1 AA ", True),
        (r"AA|a=1\nBB", True),
        ("AA|a=1|b=BB b=2", False),
        ("AA|a=1|b=blocked by BB, see b", False),
        ("AA|a=1|b=[AA,BB] c=2", False),
        ('AA|a=1|b=x,"BB" c=2', False),
        ("AA|a=1|b=[BB]|c=2", False),
        ("AA|a=1|b=AA,BB", False),
        ("AA|a=1 INFO b=2", False),
        ("AA|a=1 INFO", False),
    ],
)
def test_a_second_event_behind_the_first_field_is_told(text, told):
    found = read_line(text, TAGS, FIELDS)
    assert found.trace_line is not None
    assert found.has_second_event == told
