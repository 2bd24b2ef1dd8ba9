"""Characters as patterns: themselves, or escaped by JSON, Python, a URL or HTML."""

from __future__ import annotations

import re

# Beside each pattern: text -> what it matches of it.

# How deep escapes may stand in each other. Bounded, so that a line of them stays cheap.
_BACKSLASHES = r"(?:\\{1,15}+|(?:%(?:25)*+5[Cc]){1,7}+)"  # `\\u0022` -> `\\`, `%5Cu0022` -> `%5C`
_AMPERSAND = rf"(?:&|%(?:25)*+26|{_BACKSLASHES}u0026)(?:amp(?:;|%(?:25)*+3[Bb])){{0,15}}+"
_ENTITIES = {
    '"': "quot",
    "'": "apos",
    "<": "lt",
    ">": "gt",
    "=": "equals",
    ":": "colon",
    ",": "comma",
    "[": "lsqb|lbrack",
    "]": "rsqb|rbrack",
    "{": "lcub|lbrace",
    "}": "rcub|rbrace",
    "(": "lpar",
    ")": "rpar",
    "/": "sol",
}


def spelled(character: str) -> str:
    r"""A pattern of one character: itself, or escaped by JSON, Python, a URL or HTML.

    Of `"`: `"`, `\u0022`, `\x22`, `%22`, `%2522`, `&quot;`, `&amp;#x22;`, `%26%2334%3B`.
    """
    units = character.encode("utf-16-be").hex(" ", 2).split()
    octets = character.encode().hex(" ").split()
    escaped = _BACKSLASHES.join(["", *(f"u{unit}" for unit in units)])
    in_bytes = _BACKSLASHES.join(["", *(f"x{octet}" for octet in octets)])
    in_url = "%(?:25)*+".join(["", *octets])
    ways = [re.escape(character), escaped, in_bytes, in_url]
    if character.isascii():
        ways[1:3] = [rf"{_BACKSLASHES}(?:u{units[0]}|x{octets[0]})"]
    if not character.isascii() or character in _ENTITIES:
        code = ord(character)
        number = rf"(?:#|%(?:25)*+23)(?:0{{0,7}}{code}|x0{{0,7}}{code:x})"
        entity = "|".join(filter(None, (number, _ENTITIES.get(character))))
        ways.append(rf"{_AMPERSAND}(?:{entity})(?:;|%(?:25)*+3B)")
    return rf"(?i:{'|'.join(ways)})"


QUOTE_MARK = "(?:" + "|".join(map(spelled, "\"'")) + ")"
# `\": 1` -> `\"`, `%22%3A1` -> `%22`, `&quot;:1` -> `&quot;`
QUOTE = (
    rf"(?:{QUOTE_MARK}"
    rf"|(?:\\|%(?:25)*+5[Cc])(?!{_BACKSLASHES}?[urnx]))"
)
# `  1` -> `  `, `%20%25201` -> `%20%2520`
SPACE = rf"(?:\s|\+(?=[+%=:,-])|%(?:25)*+(?:20|09|0[AaDd]|2[Bb])|{_AMPERSAND}nbsp;)*+"
# `=1` -> `=`, `=>1` -> `=>`, `\u003d1` -> `\u003d`, `%3A1` -> `%3A`, `&gt;1` -> `&gt;`
SEPARATOR = rf"(?:{spelled('=')}{spelled('>')}?|{spelled(':')}|(?!>){spelled('>')}|-{spelled('>')})"
NEWLINE = rf"(?:[\r\n]|{_BACKSLASHES}[rn]|%(?:25)*+0[AaDd])"
