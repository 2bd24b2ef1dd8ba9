"""The commands, their options and their help; what they do is in the files beside this one."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick
# ruff: noqa: ARG001 - `main` looks for --debug by itself, and --version acts when it is met

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from ..version import __version__
from .check import run
from .exit import ExitCode, exit_code, tell
from .options import FollowOptions, Request, ensure_follow_options
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


def _version(wanted: bool) -> None:
    if wanted:
        from .output import write_stdout

        write_stdout(f"tracecheck {__version__}\n")
        raise typer.Exit


Debug = Annotated[bool, typer.Option(DEBUG, help="Show the traceback of an internal error.")]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rules",
        "-r",
        metavar="FILE",
        help="A rule file, or the name of a shipped one; may be repeated. "
        "Default: tracecheck.yaml of this directory, else golive.",
    ),
]
Files = Annotated[list[str], typer.Argument(metavar="FILE", hidden=True)]


@app.callback()
def _all(debug: Annotated[bool, typer.Option(DEBUG, hidden=True)] = False) -> None:
    """An honest verdict on trace logs."""


@app.command(CHECK, cls=Command, epilog=_EPILOG)
def check(  # noqa: PLR0913, PLR0917 - typer reads the options off the signature
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", hidden=True)] = None,
    rules: Rules = None,
    variables: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Override a variable of the rule file; repeatable."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="NAMES", help="The fields that join events: conv,idem, or none."
        ),
    ] = None,
    report: Annotated[
        str,
        typer.Option("--format", metavar="text|json", help="The report.", show_default=True),
    ] = "text",
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to a file, whole or not at all.",
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Only rules of this severity or above decide: critical, high, medium, low.",
            show_default=True,
        ),
    ] = "low",
    max_findings: Annotated[
        str,
        typer.Option(
            "--max-findings",
            metavar="N|all",
            help="Findings that are shown of each rule.",
            show_default=True,
        ),
    ] = "20",
    timezone: Annotated[
        str,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="The zone of times without one.",
            show_default=True,
        ),
    ] = "UTC",
    no_inflate_limit: Annotated[
        bool,
        typer.Option("--no-inflate-limit", help="Read compressed logs however large they get."),
    ] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            "-f",
            help="Go on with what is appended, through rotation, until Ctrl-C.",
        ),
    ] = False,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="start|end|FILE",
            help="With --follow: where to begin; FILE is a checkpoint. Default: start.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="With --follow: end after so long (24h)."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="fail", help="With --follow: end at the first settled failure."
        ),
    ] = None,
    idle: Annotated[
        str | None,
        typer.Option(
            "--idle", metavar="TIME", help="With --follow: end when nothing came for so long."
        ),
    ] = None,
    lateness: Annotated[
        str | None,
        typer.Option(
            "--lateness",
            metavar="TIME",
            help="With --follow: how long events wait for other logs. Default: 5s.",
        ),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="FOLDER",
            help="With --follow: keep checkpoints there, and go on from the last one.",
        ),
    ] = None,
    open_keys: Annotated[
        str | None,
        typer.Option(
            "--max-open-keys",
            metavar="N",
            help="With --follow: keys a rule keeps that are not settled. Default: 100000.",
        ),
    ] = None,
    closed_keys: Annotated[
        str | None,
        typer.Option(
            "--max-closed-keys",
            metavar="N",
            help="With --follow: keys a rule remembers as handed over. Default: 100000.",
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="With --follow: run it for each new finding, which it gets as JSON on stdin.",
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook",
            metavar="URL",
            help="With --follow: post new findings (as Slack takes them).",
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            metavar="[HOST:]PORT",
            help="With --follow: serve Prometheus metrics; on loopback without HOST.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only the verdict, in one line; no progress bar.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour; so does NO_COLOR.")] = (
        False
    ),
    debug: Debug = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> ExitCode:
    """Judge trace logs by rules: pass, fail, or cannot honestly say.

    PATH is a log (also .gz .zst .bz2 .xz), a directory of logs, a glob, or - for standard
    input. With --follow it is judged while it grows.
    """
    request = Request(
        paths=tuple(paths or ()),
        rules=tuple(rules or ()),
        variables=tuple(variables or ()),
        key=key,
        format=report,
        output=output,
        fail_on=fail_on,
        max_findings=max_findings,
        timezone=timezone,
        inflate_limit=not no_inflate_limit,
        quiet=quiet,
        color=not no_color,
    )
    asked = FollowOptions(
        begin=begin,
        after=after,
        until=until,
        idle=idle,
        lateness=lateness,
        state=state,
        open_keys=open_keys,
        closed_keys=closed_keys,
        command=command,
        webhook=webhook,
        metrics=metrics,
    )
    return run(request, ("check", "rules"), ensure_follow_options(asked, wanted=follow))


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
        tell(error, debug=debug)
        return exit_code(error)
    if isinstance(ended, ExitCode) or ended == ExitCode.INTERRUPTED:
        return ExitCode(ended)
    return ExitCode.ERROR if ended else ExitCode.PASS  # typer's own codes: it has said why
