"""Rule files: YAML to a `RuleSet`, or every complaint about it at once, each with its place."""

from __future__ import annotations

from .loading import load
from .schema import schema

__all__ = ["load", "schema"]
