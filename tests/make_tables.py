"""Make the tables that are shipped of each grammar: `python -m make_tables`, from `tests`.

Lark numbers what it makes by chance. Here it is numbered by what it is, so that the same grammar
has the same tables, made by whichever Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from tracecheck.conditions.parser import CONDITION
from tracecheck.events.trace_line.grammar import TRACE_LINE
from tracecheck.grammars import Grammar

GRAMMARS = (CONDITION, TRACE_LINE)

ENDLESS = 2**32 - 1
"""How wide at most a pattern is that matches any number of characters: Pythons differ."""


def tables(parser: Lark) -> dict[str, Any]:
    """The tables of a parser, numbered by what they are."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    kept = {number: tidied(made) for number, made in memo.items()}
    order = sorted(kept, key=lambda number: told(kept[number]))
    number_of = {old: new for new, old in enumerate(order)}
    data = with_numbers(data, number_of)
    data["options"]["edit_terminals"] = None
    data["rules"].sort(key=told)
    conf = data["parser"]
    conf["lexer_conf"]["terminals"].sort(key=told)
    conf["parser_conf"]["rules"].sort(key=told)
    conf["parser"] = table(conf["parser"])
    return as_json({"data": data, "memo": {number_of[old]: kept[old] for old in order}})


def table(made: Mapping[str, Any]) -> dict[str, Any]:
    """A parse table: tokens by name, states as they are met, going from the start by name."""
    tokens = made["tokens"]
    names = sorted(tokens.values())
    rows = {
        state: sorted((names.index(tokens[token]), action) for token, action in row.items())
        for state, row in made["states"].items()
    }
    met = [state for _, state in sorted(made["start_states"].items())]
    for state in met:  # which grows
        aims = [aim for _, (kind, aim) in rows[state] if kind == 0]
        met.extend(aim for aim in dict.fromkeys(aims) if aim not in met)
    assert len(met) == len(rows)

    def renumbered(action: Any) -> list[Any]:
        kind, aim = action
        return [kind, met.index(aim) if kind == 0 else aim]

    return {
        **made,
        "tokens": dict(enumerate(names)),
        "states": {
            at: {token: renumbered(action) for token, action in rows[state]}
            for at, state in enumerate(met)
        },
        "start_states": {name: met.index(state) for name, state in made["start_states"].items()},
        "end_states": {name: met.index(state) for name, state in made["end_states"].items()},
    }


def tidied(made: dict[str, Any]) -> dict[str, Any]:
    """A terminal or a rule, without what is in any order, or differs between Pythons."""
    pattern = made.get("pattern")
    if pattern is None:
        return made
    pattern = {**pattern, "flags": sorted(pattern["flags"])}
    if "_width" in pattern:
        width = pattern["_width"]
        pattern["_width"] = width and [min(one, ENDLESS) for one in width]
    return {**made, "pattern": pattern}


def with_numbers(part: Any, number_of: Mapping[int, int]) -> Any:
    """The same data, that names what is kept in the memo by other numbers."""
    if isinstance(part, dict):
        if "@" in part:
            return {"@": number_of[part["@"]]}
        return {key: with_numbers(value, number_of) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [with_numbers(one, number_of) for one in part]
    return part


def told(part: Any) -> str:
    return json.dumps(part, sort_keys=True)


def as_json(part: Any) -> Any:
    return json.loads(told(part))


def written(grammar: Grammar) -> str:
    """The file that is shipped."""
    whole = {"origin": grammar.origin, **tables(grammar.made())}
    return json.dumps(whole, sort_keys=True, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    for one in GRAMMARS:
        Path(str(resources.files(one.package).joinpath(f"{one.name}.tables.json"))).write_text(
            written(one), encoding="utf-8"
        )
