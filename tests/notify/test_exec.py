"""A command runs for each finding: in order, without a shell, and never in the reader's way."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracecheck.errors import UsageError
from tracecheck.notify.exec import Commands

from .receivers import PATIENCE

SENTENCE = json.dumps({"rule": "a-rule", "count": 1})
NASTY = "$(touch pwned) `touch pwned` '; touch pwned #\" \n\r\0\x1b[2J & | > pwned \udc80 客"
FOREVER = "import time; time.sleep(3600)"


def python(code: str, *arguments: str) -> str:
    return shlex.join([sys.executable, "-c", code, *arguments])


def writes(target: Path) -> str:
    code = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"
    return python(code, str(target))


@pytest.fixture
def calls() -> Iterator[socket.socket]:
    """Where a child calls to say that it is up; the call ends when the child does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def calling(calls: socket.socket, then: str = FOREVER) -> str:
    """Code of a child that says its process id, and goes on for ever."""
    address = calls.getsockname()
    call = f"import os, socket; s = socket.create_connection({address})"
    return f"{call}; s.sendall(b'%d' % os.getpid()); {then}"


def called(calls: socket.socket) -> socket.socket:
    call, _ = calls.accept()
    call.settimeout(PATIENCE)
    return call


def starts(code: str, how: str) -> str:
    """A command that starts another process, with `run` to wait for it, with `Popen` not to."""
    return python(
        f"import subprocess, sys; subprocess.{how}([sys.executable, '-c', sys.argv[1]])", code
    )


def joined() -> None:
    """Wait for the threads, so that what they do last is seen."""
    for thread in threading.enumerate():
        if thread.name.startswith("--exec"):
            thread.join(PATIENCE)
            assert not thread.is_alive()


# --- what the command gets --------------------------------------------------------------------


def test_each_finding_is_one_line_on_standard_input_in_order(tmp_path: Path) -> None:
    target = tmp_path / "all"
    commands = Commands(writes(target))
    texts = [json.dumps({"n": n}) for n in range(5)]
    for text in texts:
        commands.notify(text)
    commands.close(PATIENCE)
    assert target.read_text() == "".join(f"{text}\n" for text in texts)
    assert (commands.delivered, commands.failures, commands.dropped) == (5, 0, 0)
    assert commands.last_failure is None


def test_text_of_a_log_reaches_standard_input_and_no_shell_and_no_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = "repr((sys.argv[2:], sys.stdin.buffer.read())).encode()"
    command = python(f"import sys; open(sys.argv[1], 'wb').write({seen})", "seen", "$HOME", "*")
    text = json.dumps({"text": NASTY}, ensure_ascii=False)
    commands = Commands(command)
    commands.notify(text)
    commands.close(PATIENCE)
    assert commands.last_failure is None
    line = text.encode("utf-8", "backslashreplace") + b"\n"
    assert (tmp_path / "seen").read_text() == repr((["$HOME", "*"], line))
    assert json.loads(line)["text"] == NASTY
    assert os.listdir(tmp_path) == ["seen"]


def test_raw_control_characters_go_nowhere_but_to_standard_input(tmp_path: Path) -> None:
    target = tmp_path / "seen"
    commands = Commands(writes(target))
    commands.notify("a\0b\nc")
    commands.close(PATIENCE)
    assert target.read_bytes() == b"a\0b c\n"


def test_a_finding_laid_out_over_several_lines_is_one_line(tmp_path: Path) -> None:
    target = tmp_path / "seen"
    commands = Commands(writes(target))
    commands.notify(json.dumps({"a": "x\ny"}, indent=2))
    commands.close(PATIENCE)
    line = target.read_text()
    assert line.count("\n") == 1
    assert json.loads(line) == {"a": "x\ny"}


def test_a_command_may_leave_its_input_unread() -> None:
    commands = Commands(python("pass"))
    commands.notify("x" * 10_000_000)
    commands.close(PATIENCE)
    assert (commands.delivered, commands.last_failure) == (1, None)


def test_a_long_finding_and_a_talkative_command_do_not_block_each_other() -> None:
    code = (
        "import sys\nfor stream in sys.stdout, sys.stderr: stream.write('x' * 1_000_000)\n"
        "assert len(sys.stdin.read()) == 1_000_001"
    )
    commands = Commands(python(code))
    commands.notify("x" * 1_000_000)
    commands.close(PATIENCE)
    assert (commands.delivered, commands.last_failure) == (1, None)


def test_what_a_command_prints_is_not_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    commands = Commands(python("import sys; print('out'); print('err', file=sys.stderr)"))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert commands.delivered == 1
    assert capfd.readouterr() == ("", "")


# --- what goes wrong --------------------------------------------------------------------------


def test_a_failure_tells_the_code_the_first_line_and_how_to_mend_it() -> None:
    code = "import sys; print('\\n\\x1b[2Jno \\x07server\\nmore', file=sys.stderr); sys.exit(3)"
    commands = Commands(python(code, "a-secret-token"))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert (commands.delivered, commands.failures) == (0, 1)
    said = commands.last_failure
    assert said is not None
    assert said.startswith("--exec `")
    assert said.endswith(
        ": it failed with exit code 3 (\\x1b[2Jno \\x07server);"
        " run it by hand with a finding on its standard input"
    )
    assert "a-secret-token" not in said


def test_a_command_that_only_prints_to_standard_output_is_heard_too() -> None:
    commands = Commands(python("print('no server'); raise SystemExit(1)"))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert "exit code 1 (no server);" in str(commands.last_failure)


def test_a_signal_is_told_by_its_name() -> None:
    commands = Commands(python("import os; os.kill(os.getpid(), 15)"))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert "it was ended by SIGTERM; " in str(commands.last_failure)


def test_a_failure_does_not_end_the_telling(tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = "import os, sys; os.mkdir(sys.argv[1])"  # the second time it is there
    commands = Commands(python(code, str(once)))
    for _ in range(3):
        commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert (commands.delivered, commands.failures, commands.dropped) == (1, 2, 0)


@pytest.mark.parametrize("start", ["", "#!/no/such/interpreter\n"])
def test_a_program_that_does_not_start_is_a_failure(tmp_path: Path, start: str) -> None:
    script = tmp_path / "script"
    script.write_text(f"{start}true\n")
    script.chmod(0o755)
    commands = Commands(str(script))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert commands.failures == 1
    assert "it cannot be started: " in str(commands.last_failure)


# --- a command that is slow -------------------------------------------------------------------


def test_at_its_timeout_a_command_is_killed_with_all_that_it_started(
    calls: socket.socket,
) -> None:
    now = [0.0]
    commands = Commands(starts(calling(calls), "run"), clock=lambda: now[0])
    commands.notify(SENTENCE)
    with called(calls) as call:
        assert int(call.recv(100))
        now[0] = 29.9
        assert commands.failures == 0
        now[0] = 30.0
        assert call.recv(100) == b""
    commands.close(PATIENCE)
    assert (commands.delivered, commands.failures, commands.dropped) == (0, 1, 0)
    assert "it took longer than 30 s and was killed; make it quicker" in str(commands.last_failure)


def test_a_command_is_done_when_it_ends_whatever_it_leaves_in_the_background(
    calls: socket.socket,
) -> None:
    commands = Commands(starts(calling(calls), "Popen"))  # which holds the pipes of its parent
    commands.notify(SENTENCE)
    with called(calls) as call:
        left = int(call.recv(100))
        commands.close(PATIENCE)
        assert (commands.delivered, commands.last_failure) == (1, None)
        os.kill(left, signal.SIGKILL)  # it was there all the time
        assert call.recv(100) == b""


def test_a_command_that_closes_its_pipes_is_waited_for_all_the_same() -> None:
    commands = Commands(python("import os\nfor fd in 0, 1, 2: os.close(fd)\nos._exit(7)"))
    commands.notify(SENTENCE)
    commands.close(PATIENCE)
    assert "exit code 7;" in str(commands.last_failure)


def test_a_slow_command_never_blocks_and_what_is_too_much_is_counted(
    calls: socket.socket,
) -> None:
    commands = Commands(python(calling(calls)), limit=10)
    commands.notify(SENTENCE)
    with called(calls) as call:
        assert int(call.recv(100))  # it runs, and will not end
        for _ in range(10):
            commands.notify(SENTENCE)
        assert commands.dropped == 0
        for _ in range(5):
            commands.notify(SENTENCE)
        assert commands.dropped == 5
        assert "a finding was not told, as 10 findings are waiting" in str(commands.last_failure)
        commands.close(0.0)
        assert call.recv(100) == b""  # what ran was killed, so that nothing is left behind
    assert (commands.delivered, commands.failures, commands.dropped) == (0, 0, 16)
    assert "11 findings were not told, as the end came first; " in str(commands.last_failure)
    joined()
    commands.close(PATIENCE)
    assert (commands.delivered, commands.failures, commands.dropped) == (0, 0, 16)
    commands.notify(SENTENCE)
    assert commands.dropped == 17


# --- a command that is none -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "no command is given; name a program and its arguments"),
        ("  ", "no command is given; name a program and its arguments"),
        ("''", "no command is given; name a program and its arguments"),
        ("notify 'half", "is left open; close the quote"),
        ("notify \\", "is left open; close the quote"),
        ("true a\0b", "there is a NUL character in the command; remove it"),
        ("no-such-program --token secret", "`no-such-program` cannot be run: it is not in PATH"),
        ("./no/such secret", "`./no/such` cannot be run: there is no such file"),
        ("/ secret", "`/` cannot be run: it is a directory; name a program in it"),
        ("plain secret", "make it executable (chmod +x) and name it `./plain`"),
        ("./plain secret", "it is a file; make it executable (chmod +x)"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").write_text("")
    (tmp_path / "plain").chmod(stat.S_IRUSR)
    with pytest.raises(UsageError) as caught:
        Commands(command)
    message = str(caught.value)
    assert message.startswith("--exec: ")
    assert said in message
    assert "\n" not in message
    assert "secret" not in message
