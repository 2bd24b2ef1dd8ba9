"""What the command line asks of a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for, as it was written."""

    paths: tuple[str, ...]
    rules: tuple[str, ...]
    variables: tuple[str, ...]
    key: str | None
    format: str
    output: str | None
    fail_on: str
    max_findings: str
    timezone: str
    inflate_limit: bool
    quiet: bool
    color: bool
