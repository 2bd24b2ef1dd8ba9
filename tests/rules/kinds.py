"""The kinds as the tests of this room use them."""

from __future__ import annotations

from tracecheck import kinds

KINDS = {name: kind.spec for name, kind in sorted(kinds.KINDS.items())}
