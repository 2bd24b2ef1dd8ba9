"""The kinds as the tests of this room use them."""

from __future__ import annotations

from tracecheck.kinds import consistent, forbid, rate, require, wellformed
from tracecheck.kinds.handoff import kind as handoff
from tracecheck.kinds.sequence import kind as sequence

KINDS = {
    module.SPEC.name: module.SPEC
    for module in (consistent, forbid, handoff, rate, require, sequence, wellformed)
}
