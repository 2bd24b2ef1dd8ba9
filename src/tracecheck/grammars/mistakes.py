"""What is wrong with a condition, in one sentence, with the place and the nearest right word."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import TracecheckError
from ..wording import nearest, quoted

KEYWORDS = ("and", "or", "not", "in", "like", "matches", "is", "where", "missing", "void")
"""The words of conditions; all but `missing` and `void` are reserved."""

_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "like", "matches", "is")
_STRAY = {
    "=": "==",
    "&": "and",
    "|": "or",
    "!": "not, or !=",
    "~": "matches",
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
    "null": "is void",
    "none": "is void",
    "empty": "is void",
}
_PHRASES = {
    "COMMA": "`,`",
    "RSQB": "`]`",
    "LSQB": "`[`",
    "RPAR": "`)`",
    "AND": "`and`",
    "OR": "`or`",
    "WHERE": "`where`",
    "MISSING": "`missing`",
    "VOID": "`void`",
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
    if char == "=" and text[position + 1 : position + 2] in ("<", ">"):
        hint = f"{text[position + 1]}="
    return ConditionError(f"expected {_expected(accepts)}, got {quoted(char)}", position, hint)


def unexpected_word(
    word: str, position: int, accepts: Collection[str], before: str
) -> ConditionError:
    """The complaint about a word that cannot stand where it does, after the word `before`."""
    message = f"expected {_expected(accepts)}, got {quoted(word) if word else 'the end'}"
    return ConditionError(message, position, _hint(word, accepts, before))


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
        return word.lower()
    if "OPERATOR" in accepts:
        if word == "not":
            return f"not {before} in [\u2026]"
        return _FOREIGN.get(word.lower()) or nearest(word, _OPERATORS)
    if "MISSING" in accepts and "NAME" not in accepts:
        return _FOREIGN.get(word.lower(), f"== {word}" if word[0] in "\"'" else None)
    if "WHERE" in accepts:
        if word in _OPERATORS:
            return f"* where {before} {word} \u2026"
        return nearest(word, ["where"]) or f"{before} where {word} \u2026"
    if "NAME" in accepts:
        if before == "<" and word == ">":
            return "!="
        return f"`{word}` is a keyword and names no field" if word in KEYWORDS else None
    if joint := nearest(word, ("and", "or")):
        return joint
    if before[-1:].isdigit() and word.isalpha():
        return f"a unit directly follows its number: {before}{word}"
    return None
