"""What is wrong with a condition, in one sentence, with the place and the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..errors import TracecheckError
from ..events.trace_line.grammar import character_class
from ..text.wording import did_you_mean, quoted, suggestion
from .units import meant_unit

KEYWORDS = ("and", "or", "not", "in", "like", "matches", "is", "where", "missing", "void")
"""The words of conditions; all but `missing` and `void` are reserved."""

_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "like", "matches", "is")
_SIGNS = re.compile(r"[=!<>~&|*:]+")
_MEANT = {
    **dict.fromkeys(("=", "===", ":", ":="), "=="),
    **dict.fromkeys(("!==", "=!"), "!="),
    **dict.fromkeys(("=<", "<=="), "<="),
    **dict.fromkeys(("=>", ">=="), ">="),
    **dict.fromkeys(("=~", "~", "~=", "~*", "==~", "=~*"), "matches"),
    **dict.fromkeys(("!~", "!~*"), "not \u2026 matches"),
    **dict.fromkeys(("&&", "&"), "and"),
    **dict.fromkeys(("||", "|"), "or"),
    "!": "not, or !=",
}
"""Operators of other languages, and what they are here."""
_STRAY = {
    **dict.fromkeys(",;", did_you_mean("and")),
    **dict.fromkeys("%+-", "there is no arithmetic"),
    **dict.fromkeys("{}", "parentheses: ( )"),
    **dict.fromkeys("`/", 'a text or a pattern is in quotes: "\u2026"'),
    "$": "a field is written without $",
    "\u201c": 'straight quotes: "',
    "\u201d": 'straight quotes: "',
    "\u00a0": "an ordinary space",
}
_FOREIGN = {
    "equals": "==",
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
    "contains": 'like "*\u2026*"',
    "startswith": 'like "\u2026*"',
    "endswith": 'like "*\u2026"',
    "regex": "matches",
    **dict.fromkeys(("null", "none", "empty"), "is void"),
}
_FUNCTIONS = {
    **dict.fromkeys(("exists", "exist", "present", "defined", "has"), "is not missing"),
    **dict.fromkeys(("missing", "absent"), "is missing"),
    **dict.fromkeys(("void", "empty", "null", "isnull", "isempty"), "is void"),
}
_ARGUMENT = re.compile(r"\(\s*([A-Za-z0-9_@.-]{1,60})\s*\)")
_NO_ZERO = re.compile(r"([+-]?)(\.[0-9][0-9A-Za-z%/]{0,40})")
_NEGATED = re.compile(r"not\s+(in|like|matches)\b")
_TAGS_SHOWN = 8
_BETWEEN_TAGS = r"(?:\s+(?:or|and|OR|AND)\s+|\s*[,|&]+\s*)"
_TAGS = re.compile(
    rf"\s*{character_class('TAG_WORD')}(?:{_BETWEEN_TAGS}{character_class('TAG_WORD')})+(?![A-Za-z0-9_])"
)
_PHRASES = {
    "COMMA": "`,`",
    "RSQB": "`]`",
    "LSQB": "`[`",
    "RPAR": "`)`",
    **{word.upper(): f"`{word}`" for word in ("and", "or", "where", "missing", "void")},
    "$END": "the end",
}


class ConditionError(TracecheckError):
    """A text of the rule language that cannot be read; `position` is a 0-based offset in it."""

    def __init__(self, message: str, position: int = 0, hint: str | None = None) -> None:
        self.message = message
        self.position = position
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)


def stray_character(text: str, position: int, accepts: Collection[str]) -> ConditionError:
    """The complaint about a character that begins no word of the language."""
    char = text[position]
    if char in "\"'":
        return ConditionError("this string is never closed", position, f"close it with {char}")
    hint = _STRAY.get(char)
    if "WHERE" in accepts and char in "|&":
        hint = _one_tag(text)
    elif fraction := _NO_ZERO.match(text, position):
        hint = did_you_mean(f"{fraction[1]}0{fraction[2]}")
    elif "STAR" not in accepts and (foreign := _foreign_sign(text, position)):
        return foreign
    return ConditionError(f"expected {_expected(accepts)}, got {quoted(char)}", position, hint)


def unexpected_word(
    text: str, word: str, position: int, accepts: Collection[str], before: str
) -> ConditionError:
    """The complaint about a word that cannot stand where it does, after the word `before`."""
    message = f"expected {_expected(accepts)}, got {quoted(word) if word else 'the end'}"
    hint = None
    if "WHERE" in accepts and word.lower() in ("or", "and", ","):
        hint = _one_tag(text)
    elif "OPERATOR" in accepts and word == "(":
        hint = _function(before, text[position:])
    elif "OPERATOR" in accepts and (negated := _NEGATED.match(text, position)):
        rest = "[\u2026]" if negated[1] == "in" else "\u2026"
        hint = did_you_mean(f"not {before} {negated[1]} {rest}")
    elif before == "in" and word == "(":
        hint = did_you_mean("in [\u2026]")
    return ConditionError(message, position, hint or _hint(word, accepts, before))


def _foreign_sign(text: str, position: int) -> ConditionError | None:
    """The complaint about an operator of another language, of which a sign stands at `position`."""
    start = len(text[:position].rstrip("=!<>~&|"))
    signs = _SIGNS.match(text, start)
    meant = _MEANT.get(signs[0]) if signs else None
    if signs is None or meant is None:
        return None
    return ConditionError(f"{quoted(signs[0])} is no operator", start, did_you_mean(meant))


def _expected(accepts: Collection[str]) -> str:
    if "LPAR" in accepts:
        return "a comparison"
    if "NUMBER" in accepts:
        return "a field, a number or a string"
    if "STAR" in accepts:
        return "a TAG, `*` or the name of an event"
    if "OPERATOR" in accepts:
        return f"an operator ({' '.join(_OPERATORS)})"
    phrases = [phrase for name, phrase in _PHRASES.items() if name in accepts]
    return " or ".join(filter(None, (", ".join(phrases[:-1]), *phrases[-1:])))


def _hint(word: str, accepts: Collection[str], before: str) -> str | None:
    if not word:
        return None
    if word != word.lower() and word.lower() in KEYWORDS:
        return did_you_mean(word.lower())
    if "OPERATOR" in accepts:
        return _foreign(word) or suggestion(word, _OPERATORS)
    if "MISSING" in accepts and "NAME" not in accepts:
        equals = "!=" if before == "not" else "=="
        return did_you_mean(f"{equals} {word}") if word[0] in "\"'" else _foreign(word)
    if "WHERE" in accepts:
        if word in _OPERATORS:
            return did_you_mean(f"* where {before} {word} \u2026")
        return suggestion(word, ["where"]) or did_you_mean(f"{before} where {word} \u2026")
    if "NAME" in accepts:
        if before == "<" and word == ">":
            return did_you_mean("!=")
        return f"`{word}` is a keyword and names no field" if word in KEYWORDS else None
    if joint := suggestion(word, ("and", "or")):
        return joint
    if word == "," and "AND" in accepts:
        return did_you_mean("and")
    if before[-1:].isdigit() and word.isalpha():
        return f"a unit directly follows its number: {before}{meant_unit(word) or word}"
    return None


def _foreign(word: str) -> str | None:
    meant = _FOREIGN.get(word.lower())
    return did_you_mean(meant) if meant else None


def _one_tag(text: str) -> str:
    """The hint for a selector that begins with several tags, or with something joined to one."""
    found = _TAGS.match(text)
    tags = [tag for tag in re.split(_BETWEEN_TAGS, found[0].strip()) if tag] if found else []
    if not 0 < len(tags) <= _TAGS_SHOWN:
        return "a selector has one TAG or named event, and then: where \u2026"
    listed = ", ".join(f'"{tag}"' for tag in tags)
    return f"a selector has one TAG: write '* where @tag in [{listed}]'"


def _function(name: str, call: str) -> str:
    """The hint for what looks like a function, called as `call` shows."""
    argument = _ARGUMENT.match(call)
    if argument and name.lower() in _FUNCTIONS:
        return did_you_mean(f"{argument[1]} {_FUNCTIONS[name.lower()]}")
    return "there are no functions, only operators"
