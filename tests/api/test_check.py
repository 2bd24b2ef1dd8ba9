"""The public API: what a program that imports tracecheck gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracecheck
from tracecheck.api import rules as api_rules
from tracecheck.rules import shipped as api_shipped
from tracecheck.version import __version__

RULES = """\
version: 1
vars: {state: bad}
rules:
  - id: nothing-is-bad
    severity: medium
    forbid: {where: 'EVENT where state == "${state}"'}
"""


@pytest.fixture(autouse=True)
def in_a_directory_with_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.yaml").write_text(RULES)
    Path("app.log").write_text("EVENT|state=good\nEVENT|state=bad\nEVENT|state=bad\n")


def test_importing_tracecheck_loads_nothing_heavy() -> None:
    script = (
        "import sys, tracecheck\n"
        "tracecheck.__version__, dir(tracecheck)\n"
        "mine = [name for name in sys.modules if name.startswith('tracecheck')]\n"
        "assert sorted(mine) == ['tracecheck', 'tracecheck.version'], mine\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_is_there() -> None:
    for name in tracecheck.__all__:
        assert getattr(tracecheck, name) is not None
        assert name in dir(tracecheck)
    assert tracecheck.__version__ == __version__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = tracecheck.nonsense


def test_check_yields_a_verdict() -> None:
    verdict = tracecheck.check(["app.log"], rules=["rules.yaml"])
    assert isinstance(verdict, tracecheck.Verdict)
    assert (verdict.verdict, verdict.exit_code) == ("fail", 1)
    assert [outcome.violations for outcome in verdict.outcomes] == [2]
    assert verdict.outcomes[0].findings[0].evidence[0].line == 2


def test_one_path_and_one_rule_file_need_no_list() -> None:
    verdict = tracecheck.check("app.log", rules="rules.yaml")
    assert tracecheck.check(Path("app.log"), rules=Path("rules.yaml")) == verdict
    assert tracecheck.check((p for p in ["app.log"]), rules=iter(["rules.yaml"])) == verdict


def test_loaded_rules_can_judge_many_logs() -> None:
    rules = tracecheck.load_rules("rules.yaml", variables={"state": "worse"})
    assert tracecheck.check("app.log", rules=rules).verdict == "pass"
    with pytest.raises(tracecheck.UsageError, match="load_rules"):
        tracecheck.check("app.log", rules=rules, key="id")


def test_the_options_of_the_command_line_are_there() -> None:
    def outcome(**options: object) -> tuple[str, int]:
        verdict = tracecheck.check("app.log", rules="rules.yaml", **options)  # type: ignore[arg-type]
        return verdict.verdict, len(verdict.outcomes[0].findings)

    assert outcome(variables={"state": "worse"}) == ("pass", 0)
    assert outcome(max_findings=1) == ("fail", 1)
    assert outcome(max_findings=None) == ("fail", 2)
    assert outcome(max_findings=0) == ("fail", 0)
    assert outcome(fail_on="high") == ("inconclusive", 2)
    assert outcome(timezone="Asia/Tokyo", inflate_limit=False) == ("fail", 2)


@pytest.mark.parametrize(
    "options",
    [
        {"max_findings": -1},
        {"fail_on": "severe"},
        {"timezone": "Factory"},
        {"timezone": "localtime"},
        {"timezone": "../etc/passwd"},
        {"timezone": ""},
        {"variables": {"unknown": "1"}},
        {"key": ""},
        {"key": ["a", ""]},
        {"key": ["a", "a"]},
        {"rules": []},
        {"rules": "unknown"},
        {"paths": []},
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(options: dict[str, object]) -> None:
    asked = {"paths": "app.log", "rules": "rules.yaml", **options}
    with pytest.raises(tracecheck.UsageError) as refused:
        tracecheck.check(**asked)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_errors_have_one_base() -> None:
    with pytest.raises(tracecheck.SourceError):
        tracecheck.check("missing.log", rules="rules.yaml")
    Path("bad.yaml").write_text("version: 1\nrules: [{id: A}]\n")
    with pytest.raises(tracecheck.RuleFileError) as refused:
        tracecheck.load_rules("bad.yaml")
    assert isinstance(refused.value.complaints[0], tracecheck.Complaint)
    for error in (tracecheck.SourceError, tracecheck.RuleFileError, tracecheck.UsageError):
        assert issubclass(error, tracecheck.TracecheckError)


def test_a_key_is_names_in_a_text_or_a_list_or_none() -> None:
    Path("keyed.yaml").write_text(
        "version: 1\nrules: [{id: paired, handoff: {from: AA, to: BB}}]\n"
    )

    def key(given: str | list[str] | None) -> tuple[str, ...] | None:
        return tracecheck.load_rules("keyed.yaml", key=given).rules[0].key

    assert key(None) == ("conv", "idem")
    assert key("a, b") == key(["a", "b"]) == ("a", "b")
    assert key("none") is key([]) is None


def test_a_zone_is_suggested_by_its_city() -> None:
    for given in ("berlin", "Europe/Berln", "germany/berlin"):
        with pytest.raises(tracecheck.UsageError, match="Europe/Berlin"):
            tracecheck.check("app.log", rules="rules.yaml", timezone=given)


def test_shipped_rules_are_found_by_name() -> None:
    assert "golive" in api_shipped.shipped_names()
    for name in api_shipped.shipped_names():
        assert api_shipped.shipped(name).is_file()
        assert api_rules.load_rules(name).rules
    assert api_shipped.default_rules() == api_shipped.shipped("golive")
    Path("tracecheck.yaml").write_text(RULES)
    assert api_shipped.default_rules() == Path("tracecheck.yaml")
