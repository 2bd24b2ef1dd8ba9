"""The kinds as the tests of this room use them."""

from __future__ import annotations

from tracecheck.kinds import consistent, forbid, handoff, rate, require, sequence, wellformed

KINDS = {
    module.SPEC.name: module.SPEC
    for module in (consistent, forbid, handoff, rate, require, sequence, wellformed)
}
