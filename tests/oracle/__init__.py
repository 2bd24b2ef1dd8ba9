"""A naive, independent reading of the contract ("What tracecheck means"), sections 2 to 8.

It shares no code with the engine and knows no cleverness: tests hold the engine against it.
Where the contract says nothing, a comment "contract silent: ..." states what was chosen.
"""

from __future__ import annotations

from . import events, kinds, lines, times
from .conditions import Event

__all__ = ["report"]

SEVERITIES = ("critical", "high", "medium", "low")
EXIT_CODES = {"pass": 0, "fail": 1, "inconclusive": 3}


def report(
    sources: list[list[tuple[str, bytes]]],
    rules: dict,
    *,
    timezone: str = "UTC",
    max_findings: int | None = None,
    fail_on: str = "low",
) -> dict:
    """Section 8: the JSON report of a run.

    Each source is a list of (path, bytes): a rotated set, oldest first. `rules` is a parsed
    rule file with variables and includes resolved. Left out: `tool`, the `message` of a
    finding, `nearest` of never_seen, and the masking of personal fields.
    """
    if not rules.get("rules"):
        raise kinds.RuleError("a rule file without rules")
    # contract silent: a disabled rule names no tag, so it makes no line malformed
    enabled = [rule for rule in rules["rules"] if rule.get("enabled", True)]
    read_rules = [kinds.rule_of(rule, rules) for rule in enabled]
    named = {tag for rule in read_rules for tag in kinds.named_tags(rule)}

    log, inputs, totals = read(sources, named, times.zone(timezone))
    judged = [
        kinds.judge(written, rule, log, max_findings)
        for written, rule in zip(enabled, read_rules, strict=True)
    ]
    counts = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    verdict = overall([rule["outcome"] for rule in judged if rule["severity"] in counts])
    return {
        "schema": 1,
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "inputs": inputs,
        "totals": totals,
        "rules": judged,
    }


def overall(outcomes: list[str]) -> str:
    """Section 5: fail, else inconclusive (also if no rule counts), else pass."""
    if "fail" in outcomes:
        return "fail"
    return "pass" if outcomes and "inconclusive" not in outcomes else "inconclusive"


def read(
    sources: list[list[tuple[str, bytes]]], named: set[str], zone: times.tzinfo
) -> tuple[kinds.Log, list[dict], dict[str, int]]:
    """Sections 2 and 3: the log, the `inputs` and the `totals` of a report."""
    all_lines: list[lines.Line] = []
    events_of_sources: list[list[Event]] = []
    inputs: list[dict] = []
    defects: dict[str, set[tuple[str, int]]] = {name: set() for name in kinds.DEFECTS}
    totals = dict.fromkeys(("lines", "events", "plain", *kinds.DEFECTS), 0)

    for number, files in enumerate(sources):
        source_lines = lines.read_source(files, number, zone)
        source_events = []
        for line in source_lines:
            what, trace = events.classify(line.text, named)
            totals["lines"] += 1
            totals[{"event": "events"}.get(what, what)] += 1
            if trace is not None:
                source_events.append(Event(line, trace))
            found = {
                "malformed": what == "malformed",
                "undecodable": line.undecodable,
                "too_long": line.too_long,
                "duplicate_field": trace is not None and trace.duplicate_field,
            }
            for name, applies in found.items():
                if applies:
                    defects[name].add((line.path, line.number))
                    totals[name] += name != "malformed"  # counted above, as what the line is
        for path, data in files:
            count = sum(line.path == path for line in source_lines)
            inputs.append({"path": path, "lines": count, "bytes": len(data)})
        all_lines += source_lines
        events_of_sources.append(source_events)

    assert totals["lines"] == totals["events"] + totals["plain"] + totals["malformed"]
    return kinds.Log(all_lines, kinds.interleave(events_of_sources), defects), inputs, totals
