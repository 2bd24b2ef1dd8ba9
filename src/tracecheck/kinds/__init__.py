"""The kinds of rule: one file a kind, and the literal table that a run is given."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..engine.kind import Kind
from .consistent import CONSISTENT
from .forbid import FORBID
from .handoff.kind import HANDOFF
from .rate import RATE
from .require import REQUIRE
from .sequence.kind import SEQUENCE
from .wellformed import WELLFORMED

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.spec.name: kind
        for kind in (FORBID, REQUIRE, HANDOFF, CONSISTENT, SEQUENCE, RATE, WELLFORMED)
    }
)
"""Every kind by the name that rule files use; runs and rule files are given this table."""
