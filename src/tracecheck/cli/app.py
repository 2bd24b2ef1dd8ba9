"""The commands, their options and their help; what they do is in the files beside this one."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick
# ruff: noqa: ARG001 - `main` looks for --debug by itself

from __future__ import annotations

import sys
from collections.abc import Sequence
from inspect import signature
from typing import Annotated, Any

import typer
from typer.main import get_command

from .check import run
from .exit import ExitCode, exit_code, report_error
from .options import Debug, Request, Rules
from .routing import CHECK, DEBUG, Command, Group, Router

_EPILOG = """\b
Exit codes:
  0 pass   1 fail   2 usage, rule file or source error
  3 cannot honestly say   4 internal error   130 interrupted

\b
Examples:
  tracecheck app.log
  kubectl logs deploy/app | tracecheck --rules golive -
  tracecheck --format json --output report.json --fail-on high logs/
  tracecheck app.log --follow --state /var/lib/tracecheck

\b
More:
  tracecheck rules --help    list, explain, lint and test rules
  tracecheck ./rules         a file or directory that is named like a command
  tracecheck --install-completion    completion for your shell
"""

app = typer.Typer(
    cls=Router,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="List, explain, lint and test rules.",
)
app.add_typer(rules_app, name="rules")


Files = Annotated[list[str], typer.Argument(metavar="FILE", hidden=True)]


@app.callback()
def _all(debug: Annotated[bool, typer.Option(DEBUG, hidden=True)] = False) -> None:
    """An honest verdict on trace logs."""


def check(**options: Any) -> ExitCode:
    """Judge trace logs by rules: pass, fail, or cannot honestly say.

    PATH is a log (also .gz .zst .bz2 .xz), a directory of logs, a glob, or - for standard
    input. With --follow it is judged while it grows.
    """
    return run(Request(**options))


# typer reads the options of a command off its signature; those of a check are a table.
check.__signature__ = signature(Request, eval_str=True)  # type: ignore[attr-defined]
app.command(CHECK, cls=Command, epilog=_EPILOG)(check)


@rules_app.command("list", cls=Command)
def list_(rules: Rules = None, debug: Debug = False) -> ExitCode:
    """List the rules: id, kind, severity and claim."""
    from .rules import list_rules

    return list_rules(rules or ())


@rules_app.command("show", cls=Command)
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", hidden=True)],
    rules: Rules = None,
    debug: Debug = False,
) -> ExitCode:
    """Explain a rule: claim, why, what to do, parameters, examples."""
    from . import rules as commands

    return commands.show(rule_id, rules or ())


@rules_app.command("lint", cls=Command)
def lint(files: Files, debug: Debug = False) -> ExitCode:
    """Check rule files: every complaint, with its place.

    FILE is a rule file, or the name of a shipped one. Exit code 2 if there is a complaint.
    """
    from . import rules as commands

    return commands.lint(files)


@rules_app.command("test", cls=Command)
def examples(files: Files, debug: Debug = False) -> ExitCode:
    """Run the examples inside rule files.

    FILE is a rule file, or the name of a shipped one. Exit code 1 if an example is broken, 3 if
    a file has none.
    """
    from . import rules as commands

    return commands.test(files)


@rules_app.command("schema", cls=Command)
def schema(debug: Debug = False) -> ExitCode:
    """Print the JSON Schema of rule files, for editors."""
    from .rules import print_schema

    return print_schema()


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line (by default the process's own) to its exit code. Never raises."""
    args = list(sys.argv[1:] if args is None else args)
    # Looked for here, as the command line may break before its options are known.
    debug = DEBUG in (args[: args.index("--")] if "--" in args else args)
    stdout = sys.stdout
    try:
        ended = get_command(app).main(args, prog_name="tracecheck", standalone_mode=False)
    except SystemExit as leaving:
        # Of typer: 0, or 1 for a shell that it cannot complete for, and for a reader of
        # --help who went away; only then does it wrap the streams.
        gone = sys.stdout is not stdout
        return ExitCode.PASS if gone or not leaving.code else ExitCode.ERROR
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is no Exception
        report_error(error, debug=debug)
        return exit_code(error)
    if isinstance(ended, ExitCode) or ended == ExitCode.INTERRUPTED:
        return ExitCode(ended)
    return ExitCode.ERROR if ended else ExitCode.PASS  # typer's own codes: it has said why
