"""The door to the regex engine of Polars (Rust `regex`: linear time, no look-around)."""

from __future__ import annotations

import polars as pl


def pattern_problem(pattern: str) -> str | None:
    """Why the engine refuses `pattern`, in one line; None if it takes it."""
    try:
        pl.Series([""]).str.contains(pattern, strict=True)
    except UnicodeEncodeError:
        return "it holds half a character"
    except pl.exceptions.PolarsError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reasons = [line for line in lines if line.startswith("error: ")] or lines[:1]
        return reasons[0].removeprefix("regex ").removeprefix("error: ") if reasons else "refused"
    return None


def glob_pattern(glob: str) -> str:
    """The pattern that matches the whole value as `glob` does: `*` any run, `?` one character."""
    special = {"*": "(?s:.*)", "?": "(?s:.)"}
    return r"\A" + "".join(special.get(char) or escaped(char) for char in glob) + r"\z"


def escaped(literal: str) -> str:
    """A pattern that matches `literal` and nothing else."""
    return "".join(f"\\{char}" if char in r"\.+*?()|[]{}^$#&-~" else char for char in literal)
