"""Grammars and their parsers: by tables that were made ahead, as making them takes long.

Beside `NAME.lark` lies `NAME.tables.json`, in Lark's own form, as plain data; it is made by
`tests/make_tables.py`. What was made from another text, or by another Lark, is passed over: then
the parser is made from the text, and reads the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import lark
from lark import Lark
from lark.lexer import PatternRE, TerminalDef

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar `name`.lark of a package, as it is read: from which rules, by which lexer."""

    package: str
    name: str
    start: tuple[str, ...]
    lexer: str

    @property
    def text(self) -> str:
        """The grammar as it is written."""
        return self._file("lark")

    @property
    def origin(self) -> dict[str, Any]:
        """All that its tables hang on."""
        options = {"start": list(self.start), "lexer": self.lexer, "parser": "lalr"}
        return {"lark": lark.__version__, "grammar": self.text, **options}

    def parser(self, words: Mapping[str, str] = _NOTHING) -> Lark:
        """A parser, in whose patterns `words` (patterns too) stand for what the grammar has."""
        tables = self._tables()
        if tables is None or tables["origin"] != self.origin:
            return self.made(words)
        memo = {int(number): made for number, made in tables["memo"].items()}
        for terminal in memo.values():
            pattern = terminal.get("pattern", {"value": ""})
            if (value := _put_in(pattern["value"], words)) != pattern["value"]:
                pattern.update(value=value, _width=None)
        table = tables["data"]["parser"]["parser"]
        table["tokens"] = _numbered(table["tokens"])
        table["states"] = {at: _numbered(row) for at, row in _numbered(table["states"]).items()}
        return Lark.load({"data": tables["data"], "memo": memo})

    def made(self, words: Mapping[str, str] = _NOTHING) -> Lark:
        """The same parser, made from the text."""

        def edited(terminal: TerminalDef) -> TerminalDef:
            old = terminal.pattern
            if (value := _put_in(old.value, words)) != old.value:
                terminal.pattern = PatternRE(value, old.flags, old.raw)
            return terminal

        start = list(self.start)
        return Lark(self.text, parser="lalr", lexer=self.lexer, start=start, edit_terminals=edited)

    def _tables(self) -> Any:
        try:
            return json.loads(self._file("tables.json"))
        except FileNotFoundError:
            return None

    def _file(self, kind: str) -> str:
        return resources.files(self.package).joinpath(f"{self.name}.{kind}").read_text("utf-8")


def _put_in(pattern: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        pattern = pattern.replace(old, new)
    return pattern


def _numbered(row: Mapping[str, Any]) -> dict[int, Any]:
    """A table with numbers for keys, which JSON has as texts."""
    return {int(number): value for number, value in row.items()}
