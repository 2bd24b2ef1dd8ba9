"""The house keeps its floors: what each module may import, read from its source.

A wing is a folder of the package, or a module beside them. Whoever adds one gives it a floor here
and a row in the table of ARCHITECTURE.md, which says what it is for.
"""

from __future__ import annotations

import ast
import re
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
    ("errors", "version", "grammars", "text", "model"),
    ("reading", "report", "notify"),
    ("events",),
    ("conditions",),
    ("rules", "engine"),
    ("kinds", "runs"),
    ("api", "audit"),
    ("cli",),
    ("__main__", "__init__"),
)
"""Wings by floor, the lowest first. A wing imports from lower floors only."""

ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "reading": (("lines", "sources"), ("tail",), ("finished", "growing")),
    "events": (("clocks",), ("table",), ("trace_line", "interleave"), ("formats",)),
    "kinds": (("consistent", "forbid", "handoff", "rate", "require", "sequence", "wellformed"),),
    "runs": (("options",), ("batch", "follow")),
}
"""Floors inside a wing, which hold in the same way. In other wings there is no circle."""

START_UP = {"cli", "__main__", "__init__"}
"""Wings that load others where they are needed, to start fast. All others import at the top."""

DOORS = {
    "lark": {"grammars", "conditions.parser", "conditions.builder", "events.trace_line.grammar"},
    "yaml": {"rules.yamltree"},
    "rich": {"report", "cli"},
    "typer": {"cli"},
    "orjson": {"reading.lines.envelopes"},
    "prometheus_client": {"notify.metric_families", "notify.metrics"},
    "urllib3": {"notify.webhook"},
    "backports": {"reading.sources.decompression"},
    "compression": {"reading.sources.decompression"},
    "polars": {"reading.lines", "events", "conditions", "engine", "kinds", "runs.follow"},
}
"""Which wings, rooms or modules import a library. All others stand on the standard library."""


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


def wing(module: str) -> str:
    return module.partition(".")[0]


def room(module: str) -> str:
    """The room of its wing that a module is in, or is."""
    return module.split(".")[1] if "." in module else ""


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


def floor_of(name: str, floors: tuple[tuple[str, ...], ...]) -> int:
    return next(floor for floor, names in enumerate(floors) if name in names)


def test_every_module_has_one_floor_and_every_wing_exists():
    named = [name for wings in FLOORS for name in wings]
    assert sorted(named) == sorted({wing(module) for module in modules()})


@pytest.mark.parametrize("inside", ROOMS)
def test_every_room_of_a_wing_with_floors_has_one(inside):
    named = [name for rooms in ROOMS[inside] for name in rooms]
    there = {room(module) for module in modules() if wing(module) == inside and "." in module}
    assert sorted(named) == sorted(there)


def test_the_floors_are_those_of_the_page_on_architecture():
    page = (SRC.parent / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| (.+) \|$", page, re.MULTILINE)
    assert [int(floor) for floor, _ in rows] == list(range(len(FLOORS)))
    named = [tuple(re.findall(r"`([a-z_]+)/?`", wings)) for _, wings in rows]
    assert named == list(FLOORS)


def test_few_files_lie_beside_the_wings():
    assert len([path for path in (SRC / HOUSE).iterdir() if path.suffix == ".py"]) <= 6


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_from_lower_floors_or_its_own_wing(module):
    own = wing(module)
    too_high = [
        f"line {line}: {other}"
        for other, line in inner_imports(module)
        if wing(other) != own and floor_of(wing(other), FLOORS) >= floor_of(own, FLOORS)
    ]
    assert not too_high, f"{module} reaches up: {too_high}"


@pytest.mark.parametrize(
    "module", [module for module in modules() if wing(module) in ROOMS and room(module)]
)
def test_a_room_imports_from_lower_floors_of_its_wing(module):
    floors = ROOMS[wing(module)]
    own = room(module)
    too_high = [
        f"line {line}: {other}"
        for other, line in inner_imports(module)
        if wing(other) == wing(module) and room(other) and room(other) != own
        if floor_of(room(other), floors) >= floor_of(own, floors)
    ]
    assert not too_high, f"{module} reaches up: {too_high}"


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module: {other for other, _ in inner_imports(module) if other != module}
        for module in modules()
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError, and names the circle


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_imported_only_through_its_door(library):
    users = {
        module
        for module in modules()
        if any(name.partition(".")[0] == library for name, _ in imports(module))
    }

    def behind(door: str) -> set[str]:
        return {user for user in users if f"{user}.".startswith(f"{door}.")}

    assert all(map(behind, DOORS[library])), "a door that nobody uses is no door"
    assert users == set().union(*map(behind, DOORS[library]))


def test_no_other_library_is_imported():
    known = {HOUSE, *DOORS, *sys.stdlib_module_names}
    for module in modules():
        strange = {name for name, _ in imports(module) if name.partition(".")[0] not in known}
        assert not strange, module


@pytest.mark.parametrize("module", modules())
def test_imports_stand_at_the_top_but_where_the_start_must_be_fast(module):
    if wing(module) in START_UP:
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
    heavy = ["polars", "lark", "yaml", "orjson", "backports.zstd", "compression.zstd", "secrets"]
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
    code = "import sys, tracecheck.api.check; print([n for n in sys.modules if 'follow' in n])"
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


JUDGING = ("engine", "kinds")
"""Wings of which the outcome hangs on the log and the rules alone."""

MACHINE = {"datetime", "os", "random", "secrets", "socket", "sys", "time", "uuid"}
"""Libraries that know the time, the environment, or chance."""

CHANCE = {"sample", "shuffle", "now", "today"}
"""Methods, of Polars too, that give another answer each time."""


@pytest.mark.parametrize("module", [name for name in modules() if wing(name) in JUDGING])
def test_what_judges_knows_no_clock_no_chance_and_no_environment(module):
    assert not {name.partition(".")[0] for name, _ in imports(module)} & MACHINE
    calls = [node for node in ast.walk(modules()[module]) if isinstance(node, ast.Attribute)]
    assert not [f"line {call.lineno}: {call.attr}" for call in calls if call.attr in CHANCE]


@pytest.mark.parametrize("module", [name for name in modules() if wing(name) in JUDGING])
def test_what_judges_fills_nothing_by_key(module):
    """What is known of a log is in the states, which are bounded and written down."""
    filled = [
        ast.unparse(node)
        for node in ast.walk(modules()[module])
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Attribute)
    ]
    assert not filled


FEW_ARGUMENTS = {
    "events.trace_line.grammar.character_class": "the terminals of the grammar",
}
"""Functions that keep an answer for each argument for good, and why there are only few."""


def test_what_is_remembered_by_argument_is_bounded():
    """`cache` keeps an answer for each argument for good; `lru_cache` says how many."""
    assert set(cached_by_argument()) == FEW_ARGUMENTS.keys()


def cached_by_argument() -> Iterator[str]:
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(map(keeps_all, node.decorator_list)):
                of = node.args
                if of.posonlyargs or of.args or of.kwonlyargs or of.vararg or of.kwarg:
                    yield f"{module}.{node.name}"


def keeps_all(decorator: ast.expr) -> bool:
    """Whether it is `cache`, or `lru_cache` without a bound."""
    if isinstance(decorator, ast.Call):
        bounds = [*decorator.args, *(keyword.value for keyword in decorator.keywords)]
        is_lru = ast.unparse(decorator.func).endswith("lru_cache")
        return is_lru and any(ast.unparse(bound) == "None" for bound in bounds)
    return ast.unparse(decorator).rpartition(".")[2] == "cache"
