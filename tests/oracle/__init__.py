"""A naive, independent reading of the contract ("What tracecheck means"), sections 2 to 8.

It shares no code with the engine and knows no cleverness: tests hold the engine against it.
Where the contract says nothing, a comment "contract silent: ..." states what was chosen.
"""

from __future__ import annotations

from . import kinds, lines, times
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
    order: str | None = None,
) -> dict:
    """Section 8: the JSON report of a run.

    Each source is a list of (path, bytes): a rotated set, oldest first. `rules` is a parsed
    rule file with variables and includes resolved; `order` is None, `given` or `time`. Left out:
    `tool`, `rule_files`, `at` of a rule, the `message` of a finding, `nearest` of never_seen, and
    the masking of personal fields.
    """
    if not rules.get("rules"):
        raise kinds.RuleError("a rule file without rules")
    # contract silent: a disabled rule names no tag, so it makes no line malformed
    enabled = [rule for rule in rules["rules"] if rule.get("enabled", True)]
    read_rules = [kinds.rule_of(rule, rules) for rule in enabled]
    named = {tag for rule in read_rules for tag in kinds.named_tags(rule)}
    fields_read = {name for rule in read_rules for name in kinds.fields_read(rule)}
    counting = SEVERITIES[: SEVERITIES.index(fail_on) + 1]

    log, inputs, totals = read(sources, (named, fields_read), times.zone(timezone), order)
    judged = [
        kinds.judge(written, rule, log, max_findings, kinds.severity_of(written) in counting)
        for written, rule in zip(enabled, read_rules, strict=True)
    ]
    verdict = overall([rule["outcome"] for rule in judged if rule["counted"]])
    return {
        "schema": 2,
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "order": log.order,
        "inputs": inputs,
        "totals": totals,
        "span": kinds.span(log.events),
        "rules": judged,
    }


def overall(outcomes: list[str]) -> str:
    """Section 5: fail, else inconclusive (also if no rule counts), else pass."""
    if "fail" in outcomes:
        return "fail"
    return "pass" if outcomes and "inconclusive" not in outcomes else "inconclusive"


def read(
    sources: list[list[tuple[str, bytes]]],
    asked: tuple[set[str], set[str]],
    zone: times.tzinfo,
    order: str | None,
) -> tuple[kinds.Log, list[dict], dict[str, int]]:
    """Sections 2 and 3: the log, the `inputs` and the `totals` of a report.

    `asked` are the tags that rules name, and the fields that they read.
    """
    all_lines: list[lines.Line] = []
    events_of_sources: list[list[Event]] = []
    inputs: list[dict] = []
    for number, files in enumerate(sources):
        source_lines = lines.read_source(files, number, zone, *asked)
        for path, data in files:
            count = sum(line.path == path for line in source_lines)
            inputs.append({"path": path, "lines": count, "bytes": len(data)})
            # section 11: a part that is not the newest and lacks its last LF is told
            if path != files[-1][0] and data and not data.endswith(b"\n"):
                inputs[-1]["unfinished"] = True
        all_lines += source_lines
        events_of_sources.append(
            [Event(line, line.trace) for line in source_lines if line.trace is not None]
        )

    whats = [line.what for line in all_lines]
    totals = {
        "lines": len(all_lines),
        "events": whats.count("event"),
        "plain": whats.count("plain"),
        **{cls: sum(cls in kinds.defects_of(line) for line in all_lines) for cls in kinds.DEFECTS},
        "time_goes_back": sum(kinds.goes_back(source) for source in events_of_sources),
    }
    assert totals["lines"] == totals["events"] + totals["plain"] + totals["malformed"]
    in_order, order_found = kinds.put_in_order(events_of_sources, order)
    return kinds.Log(all_lines, in_order, order_found, order), inputs, totals
