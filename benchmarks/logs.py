"""The generated logs of a run, each made when it is first asked for."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from measure import Log, say

HERE = Path(__file__).resolve().parent
SHORT_LINES = 14
"""Lines of the log for the cold start."""

GENERATOR = ("generate.py", "plan.py", "records.py", "turns.py")
"""What makes the log; the truth is made with it."""


@dataclass(frozen=True)
class Logs:
    """Logs of one seed, in one folder."""

    workdir: Path
    seed: int = 1

    def log(self, messages: int, form: str = "plain") -> Log:
        """Return the log of so many messages; it is generated if it is not there yet."""
        path = self.workdir / f"golive-{messages}-{self.seed}-{form}.log"
        truth = path.with_suffix(".truth.json")
        if not is_newer(truth, [HERE / name for name in GENERATOR]):
            say(f"generating {path.name}")
            command = [sys.executable, str(HERE / "generate.py"), "--format", form]
            command += ["--messages", str(messages), "--seed", str(self.seed)]
            # In a process of its own: the memory of this one is the floor of what it measures.
            command += ["--output", str(path), "--truth", str(truth)]
            subprocess.run(command, check=True)  # noqa: S603 - our own script
        return Log(path, json.loads(truth.read_text(encoding="utf-8"))["counts"])

    def short(self, messages: int) -> Path:
        """Return a log of the first few lines of another."""
        path = self.workdir / "short.log"
        with self.log(messages).path.open("rb") as whole:
            path.write_bytes(b"".join(itertools.islice(whole, SHORT_LINES)))
        return path


def is_newer(file: Path, sources: list[Path]) -> bool:
    """Say whether a file is there and younger than all that it is made from."""
    if not file.exists():
        return False
    made = file.stat().st_mtime
    return all(source.stat().st_mtime < made for source in sources)
