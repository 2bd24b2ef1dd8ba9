"""What a checkout, a wheel and CI have in common."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

import tracecheck
from tracecheck.kinds import KINDS
from tracecheck.rules import shipped as api_shipped

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")])


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_ci_runs_the_test_command_of_the_readme():
    (line,) = re.findall(r"^.*\[test\].* && (.+)$", text_of("README.md"), re.MULTILINE)
    assert line in text_of(".ci/run")


def test_ci_draws_more_examples_than_the_readme():
    (line,) = re.findall(r"^.*pytest --hypothesis-profile=ci .*$", text_of(".ci/run"), re.MULTILINE)
    assert "-m 'hypothesis or deep or guard or index'" in line


def test_ci_can_be_started():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_contributors_are_told_the_command_that_ci_runs():
    assert ".ci/run" in text_of("CONTRIBUTING.md")


def test_the_changelog_begins_with_this_version():
    (version, *_) = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert version == tracecheck.__version__


def test_all_shipped_rule_files_are_found():
    assert list(api_shipped.shipped_names()) == sorted(
        path.stem for path in ROOT.glob("rules/*.yaml")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_section_and_its_cases(kind):
    assert f"\n### {kind}: " in text_of("docs/rules.md")
    assert f"\n| `{kind}` |" in text_of("README.md")
    assert list(ROOT.glob(f"tests/cases/{kind}/*.yaml"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page):
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_place_in_the_tree_that_a_page_names_is_there(page):
    """`reading/tail/tail` and the like: a module or a folder of the package, or of the checkout."""
    named = [
        name
        for name in re.findall(r"`([a-z_.]+(?:/[a-z_.]+)*/?)`", text_of(page))
        if "/" in name and not name.startswith(".")
    ]
    assert named
    for name in named:
        places = [root / name for root in (ROOT, ROOT / "src" / "tracecheck")]
        assert any(at.exists() or at.with_suffix(".py").exists() for at in places), name


def test_every_page_of_the_docs_is_in_their_index():
    index = text_of("docs/README.md")
    for page in ROOT.glob("docs/*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
