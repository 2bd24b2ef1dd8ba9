"""The house keeps its floors: what each module may import, read from its source.

The table is the one in ARCHITECTURE.md. A room is a module, or a folder of modules; whoever
adds one gives it a floor here, and says in ARCHITECTURE.md what it is for.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
HOUSE = "tracecheck"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("amounts", "errors", "expression", "masking", "model", "version", "wording"),
    (
        *("patterns", "checkpoints", "doubts", "findings", "fingerprints", "live"),
        *("ordering", "output", "runs"),
    ),
    ("discharges", "grammars", "lines", "report"),
    ("inflow", "layouts", "searching", "numbers", "rulefiles", "telling"),
    ("events",),
    ("conditions", "interleave"),
    ("questions", "lineup"),
    ("kind",),
    ("tallies", "chains", "retiring"),
    ("kinds", "outcomes"),
    ("plan",),
    ("folding", "lanes", "windows"),
    ("news",),
    ("batch", "follow"),
    ("follow_run",),
    ("api", "examples"),
    ("follow_api",),
    ("cli",),
    ("__main__", "__init__"),
)
"""Rooms by floor, the lowest first. A room imports from lower floors only."""

START_UP = {"cli", "__main__", "__init__"}
"""Rooms that load others where they are needed, to start fast. All others import at the top."""

DOORS = {
    "lark": {"grammars"},
    "yaml": {"rulefiles"},
    "rich": {"report", "cli"},
    "typer": {"cli"},
    "orjson": {"lines"},
    "prometheus_client": {"telling"},
    "urllib3": {"telling"},
    "backports": {"lines"},
    "compression": {"lines"},
    "polars": {
        "patterns",
        "checkpoints",
        "fingerprints",
        "follow",
        "lanes",
        "lineup",
        "news",
        "outcomes",
        "retiring",
        "windows",
        "discharges",
        "doubts",
        "findings",
        "ordering",
        "runs",
        "lines",
        "layouts",
        "searching",
        "numbers",
        "events",
        "conditions",
        "interleave",
        "kind",
        "questions",
        "tallies",
        "chains",
        "kinds",
    },
}
"""Which rooms may import which library. All others stand on the standard library."""

NARROW = {
    "yaml": {"rulefiles.yamltree"},
    "orjson": {"lines.envelopes"},
    "prometheus_client": {"telling.families", "telling.metrics"},
    "urllib3": {"telling.webhook"},
    "backports": {"lines.inflating"},
    "compression": {"lines.inflating"},
}
"""Doors that are one module of the room."""

SEPARATE = ("kinds",)
"""Folders whose modules never import each other; their `__init__` is the table of them."""


@cache
def modules() -> dict[str, ast.Module]:
    """Each module by its name inside the house; `__init__` is the front door."""
    found = {}
    for path in sorted((SRC / HOUSE).rglob("*.py")):
        parts = path.relative_to(SRC / HOUSE).with_suffix("").parts
        if parts[-1] == "__init__" and len(parts) > 1:
            parts = parts[:-1]
        found[".".join(parts)] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def room(module: str) -> str:
    return module.partition(".")[0]


def imports(module: str) -> Iterator[tuple[str, int]]:
    """The absolute name of each module or package that a module imports, and the line."""
    inside = [HOUSE, *module.split(".")]
    if not SRC.joinpath(*inside, "__init__.py").is_file():
        inside.pop()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            start = inside[: len(inside) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                is_module = whole.removeprefix(f"{HOUSE}.") in modules()
                yield (whole if is_module else base), node.lineno


def inner_imports(module: str) -> Iterator[tuple[str, int]]:
    for name, line in imports(module):
        if name == HOUSE:
            yield "__init__", line
        elif name.startswith(f"{HOUSE}."):
            yield name.removeprefix(f"{HOUSE}."), line


def floor_of(name: str) -> int:
    return next(floor for floor, rooms in enumerate(FLOORS) if name in rooms)


def test_every_module_has_one_floor_and_every_room_exists():
    named = [name for rooms in FLOORS for name in rooms]
    assert sorted(named) == sorted({room(module) for module in modules()})


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_from_lower_floors_or_its_own_room(module):
    own = room(module)
    too_high = [
        f"line {line}: {other}"
        for other, line in inner_imports(module)
        if room(other) != own and floor_of(room(other)) >= floor_of(own)
    ]
    assert not too_high, f"{module} reaches up: {too_high}"


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module: {other for other, _ in inner_imports(module) if other != module}
        for module in modules()
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError, and names the circle


@pytest.mark.parametrize("folder", SEPARATE)
def test_modules_of_a_separate_folder_never_import_each_other(folder):
    siblings = {module for module in modules() if module.startswith(f"{folder}.")}
    assert siblings
    for module in siblings:
        assert not siblings & {other for other, _ in inner_imports(module)}, module


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_imported_only_through_its_door(library):
    users = {
        module
        for module in modules()
        if any(name.partition(".")[0] == library for name, _ in imports(module))
    }
    assert {room(module) for module in users} == DOORS[library]
    assert users <= NARROW.get(library, users)


def test_no_other_library_is_imported():
    known = {HOUSE, *DOORS, *sys.stdlib_module_names}
    for module in modules():
        strange = {name for name, _ in imports(module) if name.partition(".")[0] not in known}
        assert not strange, module


@pytest.mark.parametrize("module", modules())
def test_imports_stand_at_the_top_but_where_the_start_must_be_fast(module):
    if room(module) in START_UP:
        return
    tree = modules()[module]
    by_version = [node for node in tree.body if isinstance(node, ast.If)]
    branches = [branch for node in by_version for branch in (node.body, node.orelse)]
    at_the_top = {id(node) for block in [tree.body, *branches] for node in block}
    late = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in at_the_top
    ]
    assert not late, f"{module}: lines {late}"


def test_the_start_loads_nothing_heavy():
    heavy = ["polars", "lark", "yaml", "orjson", "backports.zstd", "compression.zstd"]
    code = f"import sys, tracecheck.cli; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SRC)},
    )
    assert done.stdout.strip() == "[]"


def test_a_check_of_whole_logs_loads_nothing_of_following():
    code = "import sys, tracecheck.api; print([n for n in sys.modules if 'follow' in n])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SRC)},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", modules())
def test_every_module_says_what_it_is_for(module):
    assert ast.get_docstring(modules()[module])


@pytest.mark.parametrize("module", modules())
def test_a_module_keeps_no_state_of_its_own(module):
    """What a module holds is set once: no `global`, no bare name that is filled later."""
    tree = modules()[module]
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global)]
    empty = (ast.List, ast.Dict, ast.Set)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, empty):
            filled = node.value.keys if isinstance(node.value, ast.Dict) else node.value.elts
            assert filled, f"line {node.lineno}: an empty collection waits to be filled"
