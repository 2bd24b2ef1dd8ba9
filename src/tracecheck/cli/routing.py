"""From words to commands: no command means `check`, and values are taken as they are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

CHECK = "check"
COMMANDS = (CHECK, "rules")
DEBUG = "--debug"
_OF_ALL = ("--install-completion", "--show-completion")


def routed(args: Sequence[str], commands: Collection[str]) -> list[str]:
    """The arguments with `check` put in where no command is named: the first word decides."""
    first = next((arg for arg in args if arg != DEBUG), "")
    if first in commands or first.partition("=")[0] in _OF_ALL:
        return list(args)
    return [CHECK, *args]


class _AsWritten:
    """Takes every value as the shell gave it; what it may be is judged where it is used.

    typer would load pydantic to make a str of a str, which costs a tenth of a second.
    """

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG002 - typer's shape
        """Make nothing of the value: texts, lists of texts and flags are what we ask for."""
        return () if value is None and (param.multiple or param.nargs == -1) else value


def _take_as_written(params: Sequence[Any]) -> None:
    for param in params:
        # Where a later typer knows no such attribute, it merely takes its own, longer way.
        param._runtime_param = _AsWritten()  # noqa: SLF001


class Group(TyperGroup):
    """Commands under one word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the values as they are written."""
        _take_as_written(self.get_params(ctx))
        return super().parse_args(ctx, args)


class Router(Group):
    """The group of all commands, for which no command means `check`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `check` in where it is meant."""
        if args or not ctx.resilient_parsing:  # else a shell asks what could be a first word
            args = routed(args, self.commands)
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Complete the first word as a command, or as what a check takes."""
        found = super().shell_complete(ctx, incomplete)
        check = self.commands[CHECK]
        with check.make_context(CHECK, [], parent=ctx, resilient_parsing=True) as own:
            names = {item.value for item in found}
            return found + [
                item for item in check.shell_complete(own, incomplete) if item.value not in names
            ]


class Command(TyperCommand):
    """A command whose usage line is plain: `tracecheck rules lint [OPTIONS] FILE...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the values as they are written."""
        _take_as_written(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Name the arguments behind the options, with dots where there may be many."""
        arguments = [param for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return ["[OPTIONS]", *(f"{a.metavar}{'...' * (a.nargs != 1)}" for a in arguments)]

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write `check` as the word that may be left out."""
        path = ctx.command_path.replace(f" {CHECK}", f" [{CHECK}]")
        formatter.write_usage(path, " ".join(self.collect_usage_pieces(ctx)))
