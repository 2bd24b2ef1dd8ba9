"""The reproductions in `cases/reading`: what the command line says of each, whole logs all."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracecheck import cli

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests/cases/reading/reproductions").glob("*.yaml"))
COMPARED = {"rules", "fails", "totals", "order"}
EXPECTED = COMPARED | {"exit", "says", "shows"}


def _case(file: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return case


def _tar(files: Mapping[str, str]) -> bytes:
    """An archive of some texts."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return archive.getvalue()


def _written(piece: Any) -> bytes:
    """The bytes of a file, or of a piece of one."""
    if isinstance(piece, str):
        return piece.encode()
    if isinstance(piece, list):
        return b"".join(map(_written, piece))
    if "sample" in piece:
        return (ROOT / "samples" / piece["sample"]).read_bytes()
    text = _tar(piece["tar"]) if "tar" in piece else piece["text"]
    data = text if isinstance(text, bytes) else text.encode(piece.get("encoding", "utf-8"))
    data *= piece.get("times", 1)
    return gzip.compress(data, mtime=0) if piece.get("compressed") == "gzip" else data


def _as_expected(rule: dict[str, Any]) -> Any:
    """A judged rule in the words of a case."""
    if rule["outcome"] == "fail":
        return {name: count for name, count in rule["classes"].items() if count}
    return rule["reason"] or rule["outcome"]


def _as_reported(report: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """What a report says of all that a case expects of it."""
    judged = {rule["id"]: _as_expected(rule) for rule in report["rules"]}
    found = {
        "rules": judged,
        "fails": {name: said for name, said in judged.items() if isinstance(said, dict)},
        "totals": {name: report["totals"].get(name) for name in expected.get("totals", ())},
        "order": report.get("order"),
    }
    return {name: found[name] for name in COMPARED & expected.keys()}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_log_is_judged_as_the_contract_says(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = _case(file)
    expected = case["expect"]
    monkeypatch.chdir(tmp_path)
    rules = case["rules"]
    if "\n" in rules:
        Path("rules.yaml").write_text(rules, "utf-8")
        rules = "rules.yaml"
    for name, content in case["files"].items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(_written(content))
    args = ["--rules", rules, *case.get("paths", case["files"])]
    code = cli.main(["--format", "json", *args])
    said = capsys.readouterr()
    assert code == expected["exit"], said.out + said.err
    if code == 2:
        assert expected["says"] in said.err
    else:
        report = json.loads(said.out)
        assert _as_reported(report, expected) == {
            name: expected[name]
            for name in ("rules", "fails", "totals", "order")
            if name in expected
        }
    if "shows" in expected:
        cli.main(args)
        assert expected["shows"] in capsys.readouterr().out


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_is_written_in_known_words(file: Path) -> None:
    case = _case(file)
    assert case.keys() - {"paths"} == {"about", "files", "rules", "expect"}
    assert case["expect"].keys() <= EXPECTED
    assert len(case["expect"]) > 1
