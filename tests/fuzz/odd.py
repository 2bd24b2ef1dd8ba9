"""Formats that nobody has seen: JSON with anything beside the message, and any words before it."""

from __future__ import annotations

from random import Random

from reading.shapes import Format

MESSAGES = (
    *("message", "msg", "log", "event", "MESSAGE", "Message", "short_message", "@m"),
    *("textPayload", "body", "line"),
)
"""Names of the message in an envelope, first that is a text first (contract, section 2)."""

_META = (
    *("timestamp", "time", "ts", "@timestamp", "asctime", "created", "@t", "__REALTIME_TIMESTAMP"),
    *("level", "levelname", "severity", "lvl", "log.level", "@l", "logger", "name"),
)
_NO_TEXTS = ("null", "5", "true", "-0.5", "[]", '["a", {"message": "b"}]', "1e400", "1E-7")
_VALUES = (
    *_NO_TEXTS,
    *('""', '"2025-12-18T21:00:00Z"', '"\\ud83d"', '"\\u0000"', '"a \\"b\\" {c}"', '"}{"', '"{"'),
    *("1766091600", "1766091600114", "-1", "1" * 80, '"99999999999999999999"', "{}", '"größer"'),
    *('{"a": {"b": ["}"]}}', '"0000-01-01 00:00:00"', '"9999-12-31T23:59:59+14:00"', '"\\\\"'),
    *('"x=1|y=2"', '"\'"', '"\\u001b[31mred"', "[" * 40 + "]" * 40),
)
_HARMLESS = ('"hello"', '""', '"OTHER_TAG|a=1|b=2"', '"x\\ny\\n"', '{"msg":"hello"}')
_WORDS = (
    *("a", "x=1", "key=value", "[7]", "(main)", "7", "2025-12-18", "21:00:00", "WARN", "It", "€"),
    *("<6>", "{a}", "{}", "}", "{", "->", "|", "a |", "12:", "größer", "http://a/?b=c&d={e}", "\t"),
    *(
        "#1",
        "%s",
        "%HOME%",
        "@x",
        "A_B",
        "A:",
        "--",
        "...",
        '"a"',
        "'b'",
        '{"a": 1}',
        "[]",
        "-1.5e3",
    ),
)
_QUOTES = ('"', "'", '="', 'a="b', "['", '\\"')
_ENDS = (" ", ": ", " - ", "] ", "> ", " | ", ")", ":", ";", ", ", "\t", "/", "» ")


def format_(rng: Random) -> Format:
    """One of them."""
    if rng.random() < 0.15:
        return _beside(rng)
    return rng.choice((_json, _json, _prefix, _prefix, _enclosure))(rng)


def _json(rng: Random) -> Format:
    """An object with its message, which is the first text of its names, in any place."""
    at = rng.randrange(len(MESSAGES))
    # journald writes a text that is no UTF-8 as a list of bytes
    before = [name for name in MESSAGES[:at] if name != "MESSAGE"]
    sorts = (
        (before, _NO_TEXTS, rng.choice((0, 0, 1, 2))),
        (MESSAGES[at + 1 :], _VALUES, rng.choice((0, 0, 1))),
        (_META, _VALUES, rng.choice((0, 1, 2, 3))),
        ("x", _VALUES, 1),  # with which it is no part of docker
    )
    members = [f'"{MESSAGES[at]}"${{colon}}"${{message}}"']
    for names, values, most in sorts:
        some = rng.sample(names, min(len(names), most))
        members += [f'"{name}"${{colon}}{rng.choice(values)}' for name in some]
    if rng.random() < 0.1:
        members.append(
            '"original"${colon}' + rng.choice(('"${message}"', '{"x": ["a ${message}"]}'))
        )
    rng.shuffle(members)
    colon, comma, space = rng.choice(
        ((": ", ", ", ""), (":", ",", ""), (" : ", " , ", " "), (":\t", ",", "\t"))
    )
    line = "{" + space + comma.join(members).replace("${colon}", colon) + space + "}"
    return Format("odd JSON", line, escape=rng.choice(("json", "json ascii")))


def _beside(rng: Random) -> Format:
    """An object in which the message stands beside another, which is all that a reader sees."""
    name = rng.choice(("x", "error", *MESSAGES[1:]))
    value = rng.choice(('"${message}"', '["${message}"]', '{"message":"${message}","n":1}'))
    members = [f'"message":{rng.choice(_HARMLESS)}', f'"{name}":{value}', '"level":"info"']
    members.insert(0, members.pop(rng.randrange(2)))
    return Format(
        "beside a message", f"{{{','.join(members)}}}", escape=rng.choice(("json", "json ascii"))
    )


def _prefix(rng: Random) -> Format:
    """Some words, among which no tag stands, and which no letter joins to the message."""
    words = rng.choices(_WORDS, k=rng.choice((1, 2, 3, 5)))
    if rng.random() < 0.2:
        words.insert(rng.randrange(len(words) + 1), rng.choice(_QUOTES))
    return Format("odd words", f"{' '.join(words)}{rng.choice(_ENDS)}${{message}}")


_PAIRS = (
    *(
        '""',
        "''",
        "``",
        "\u201c\u201d",
        "\u201e\u201c",
        "\u2018\u2019",
        "\u00ab\u00bb",
        "\u2039\u203a",
        "\u300c\u300d",
    ),
    *("()", "[]", "{}"),
)
_BEFORE_PAIRS = (
    *("", ";", ">", "=", "|", "-", "/", "!", "@", "%", "<", "# ", "x ", "x: ", "x; ", "x> ", "7,"),
    *("b", "u", "r", "f", "rb", "Br", "x b", "(u", "[b", "it's ", '5" '),
)
_INSIDE = ("", "app: ", "INFO app ", "worker 3 - ", "it's ", '7" ', "\t")
_BEHIND_PAIRS = (
    "",
    "",
    ";",
    " x",
    " n=2",
    ", 'y'",
    ', "y": 1',
    "</m>",
    "/>",
    " it's",
    ") x",
    " `y`",
)


def _enclosure(rng: Random) -> Format:
    """Quotes or brackets behind anything, with words between these and the message."""
    opening, closing = rng.choice(_PAIRS)
    before, inside, behind = map(rng.choice, (_BEFORE_PAIRS, _INSIDE, _BEHIND_PAIRS))
    if opening not in "\"'" and before and before[-1].isalnum():
        before += " "
    if opening == "'":
        inside = inside.replace("'", "\\'")
    if opening == '"':
        inside = inside.replace('"', '\\"')
    escape = {'"': "go", "'": "python"}.get(opening)
    line = f"{before}{opening}{inside}${{message}}{closing}{behind}"
    return Format("odd enclosure", line, escape=escape)
