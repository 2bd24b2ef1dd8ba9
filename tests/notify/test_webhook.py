"""Posts reach a receiver: rarely, again if it may help, and without a word of the secret URL."""

from __future__ import annotations

import base64
import email.utils
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tracecheck.errors import UsageError
from tracecheck.notify.webhook import TIMING, Timing, Webhook

from .receivers import PATIENCE, SECRET, Receiver, receiving


class Time:
    """A clock that stands still, and waits that are written down and are over at once.

    With `held`, a wait is over when the test says so.
    """

    def __init__(self, *, held: bool = False) -> None:
        self.now = 0.0
        self.waits: queue.Queue[float] = queue.Queue()
        self.over = threading.Event()
        if not held:
            self.over.set()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.waits.put(seconds)
        assert self.over.wait(PATIENCE)
        self.now += seconds
        return event.is_set()

    def waited(self) -> list[float]:
        return [self.waits.get_nowait() for _ in range(self.waits.qsize())]

    def timing(self, read: float = PATIENCE) -> Timing:
        return replace(
            TIMING, read=read, clock=lambda: self.now, wait=self.wait, jitter=lambda: 0.5
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A receiver that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}{SECRET}"


def posted(url: str, timing: Timing) -> Webhook:
    """A webhook that has been told one thing and closed."""
    webhook = Webhook(url, timing=timing)
    webhook.notify("a finding")
    webhook.close(PATIENCE)
    assert webhook.delivered + webhook.failures + webhook.dropped == 1
    return webhook


def complaint(webhook: Webhook) -> str:
    said = webhook.last_failure
    assert said is not None
    assert said.startswith("--webhook http://127.0.0.1:")
    assert "SECRET" not in said
    assert "services" not in said
    assert said.isprintable()
    return said.partition("/…: ")[2]


# --- what is posted ---------------------------------------------------------------------------


def test_the_first_finding_is_posted_at_once_as_text(receiver: Receiver) -> None:
    webhook = Webhook(receiver.url, timing=Time().timing())
    webhook.notify("a <!here> of `x`")
    post = receiver.next()
    webhook.close(PATIENCE)
    assert post.text == "a &lt;!here&gt; of \uff40x\uff40"
    assert post.path == SECRET
    assert post.headers["Content-Type"] == "application/json"
    assert (webhook.delivered, webhook.last_failure) == (1, None)


def test_what_arrives_within_the_interval_is_one_digest_after_it(receiver: Receiver) -> None:
    passing = Time(held=True)
    webhook = Webhook(receiver.url, timing=passing.timing())
    webhook.notify("the first")
    assert receiver.next().text == "the first"
    webhook.notify("finding 1")
    assert passing.waits.get(timeout=PATIENCE) == 5.0
    for n in range(2, 13):
        webhook.notify(f"finding {n}")
    passing.over.set()
    text = receiver.next().text
    assert text.startswith("12 findings:\n• finding 1\n• finding 2\n")
    assert text.endswith("\n• finding 10\nand 2 more")
    webhook.close(PATIENCE)
    assert (webhook.delivered, webhook.failures, webhook.dropped) == (13, 0, 0)


def test_after_a_quiet_interval_a_finding_is_posted_at_once(receiver: Receiver) -> None:
    passing = Time()
    webhook = Webhook(receiver.url, timing=passing.timing())
    webhook.notify("the first")
    receiver.next()
    webhook.notify("the second")
    receiver.next()
    assert passing.waited() == [5.0]
    passing.now += 1000.0
    webhook.notify("the third")
    assert receiver.next().text == "the third"
    webhook.close(PATIENCE)
    assert passing.waited() in ([], [5.0])  # the second may have been settled after the leap


def test_the_end_does_not_wait_for_the_interval(receiver: Receiver) -> None:
    webhook = Webhook(receiver.url, timing=replace(TIMING, interval=3600.0))
    webhook.notify("the first")
    receiver.next()
    webhook.notify("the last")
    webhook.close(PATIENCE)
    assert receiver.next().text == "the last"
    assert (webhook.delivered, webhook.dropped) == (2, 0)


def test_what_no_path_can_hold_is_escaped_in_it(receiver: Receiver) -> None:
    webhook = posted(f"{receiver.url}&a b\r\nX: y\0#fragment", Time().timing())
    assert receiver.next().path == f"{SECRET}&a%20b%0D%0AX:%20y%00"
    assert webhook.delivered == 1


def test_a_user_in_the_url_is_sent_as_one(receiver: Receiver) -> None:
    url = receiver.url.replace("http://", "http://me:p%C3%BC%40@")
    webhook = posted(url, Time().timing())
    sent = receiver.next().headers["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "me:pü@"
    assert webhook.delivered == 1


# --- what is tried again ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_receiver_in_trouble_is_tried_again(status: int) -> None:
    passing = Time()
    with receiving((status, {}), (status, {})) as receiver:
        webhook = posted(receiver.url, passing.timing())
        assert receiver.count() == 3
    assert passing.waited() == [1.0, 2.0]
    assert (webhook.delivered, webhook.last_failure) == (1, None)


def test_after_five_tries_it_has_failed() -> None:
    passing = Time()
    with receiving(*[(500, {})] * 9) as receiver:
        webhook = posted(receiver.url, passing.timing())
        assert receiver.count() == 5
    assert passing.waited() == [1.0, 2.0, 4.0, 8.0]
    assert (webhook.delivered, webhook.failures) == (0, 1)
    said = "it answered 500 (Internal Server Error) (tried 5 times); look what is wrong with it"
    assert complaint(webhook) == said


def test_pauses_differ_by_chance_between_a_half_and_one_and_a_half() -> None:
    passing = Time()
    chances = iter([0.0, 0.999, 0.25, 0.5])
    with receiving(*[(500, {})] * 9) as receiver:
        posted(receiver.url, replace(passing.timing(), jitter=lambda: next(chances)))
    assert passing.waited() == pytest.approx([0.5, 2.998, 3.0, 8.0])


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7.0), ("0", 1.0), ("3600", 60.0), ("9" * 5000, 1.0), ("soon", 1.0), ("-3", 1.0)],
)
def test_the_time_that_a_receiver_asks_for_is_given_within_reason(
    status: int, asked: str, waited: float
) -> None:
    passing = Time()
    with receiving((status, {"Retry-After": asked})) as receiver:
        assert posted(receiver.url, passing.timing()).delivered == 1
    assert passing.waited() == [waited]


def test_it_may_ask_with_a_date() -> None:
    passing = Time()
    date = email.utils.formatdate(time.time() + 30.0, usegmt=True)
    with receiving((429, {"Retry-After": date})) as receiver:
        posted(receiver.url, passing.timing())
    (waited,) = passing.waited()
    assert 1.0 <= waited <= 30.0


def test_a_receiver_that_is_not_there_is_tried_again(silent: socket.socket) -> None:
    passing = Time()
    url = url_of(silent)
    silent.close()
    webhook = posted(url, passing.timing())
    assert passing.waited() == [1.0, 2.0, 4.0, 8.0]
    said = "it cannot be reached (tried 5 times); look whether it runs, and the network"
    assert complaint(webhook) == said


def test_a_receiver_that_does_not_answer_is_tried_again(silent: socket.socket) -> None:
    passing = Time()
    webhook = posted(url_of(silent), passing.timing(read=0.01))
    assert passing.waited() == [1.0, 2.0, 4.0, 8.0]
    assert complaint(webhook) == "it did not answer in time (tried 5 times); look whether it runs"


def test_a_host_without_an_address_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    webhook = posted(f"https://nowhere.invalid{SECRET}", Time().timing())
    assert webhook.last_failure == (
        "--webhook https://nowhere.invalid/…: its name is not known (tried 5 times);"
        " look whether the URL is right"
    )


def test_a_receiver_without_tls_is_told_apart_from_one_that_is_not_there() -> None:
    with receiving() as receiver:
        url = receiver.url.replace("http://", "https://")
        webhook = posted(url, replace(Time().timing(), pauses=()))
        assert receiver.count() == 0
    assert str(webhook.last_failure).endswith(
        "/…: no TLS connection was made; look whether it speaks HTTPS"
    )


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" * 300])
def test_a_receiver_that_speaks_otherwise_is_a_failure(
    silent: socket.socket, answer: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    def answering() -> None:
        call, _ = silent.accept()
        with call:
            call.recv(100_000)
            call.sendall(answer)

    thread = threading.Thread(target=answering)
    thread.start()
    webhook = posted(url_of(silent), replace(Time().timing(), pauses=()))
    thread.join(PATIENCE)
    if webhook.failures:
        assert complaint(webhook).startswith("the connection broke; ")
    assert "SECRET" not in "".join(capfd.readouterr())


# --- what fails at once -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "it answered 400 (Bad Request); it may not take messages in the format of Slack"),
        (403, "it answered 403 (Forbidden); its URL is not valid, or no longer; make a new"),
        (404, "it answered 404 (Not Found); its URL is not valid, or no longer; make a new"),
        (418, "it answered 418 "),
        (499, "it answered 499; "),
    ],
)
def test_a_refusal_is_a_failure_at_once(status: int, said: str) -> None:
    passing = Time()
    with receiving((status, {})) as receiver:
        webhook = posted(receiver.url, passing.timing())
        assert receiver.count() == 1
    assert passing.waited() == []
    assert webhook.failures == 1
    assert complaint(webhook).startswith(said)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    with receiving((status, {"Location": receiver.url})) as first:
        webhook = posted(first.url, Time().timing())
        assert first.count() == 1
    assert receiver.count() == 0
    assert webhook.failures == 1
    assert complaint(webhook).endswith("which leads elsewhere; give the URL that it leads to")


def test_a_failed_digest_counts_all_that_it_held_and_the_next_is_posted() -> None:
    passing = Time(held=True)
    with receiving((200, {}), (404, {})) as receiver:
        webhook = Webhook(receiver.url, timing=passing.timing())
        webhook.notify("the first")
        receiver.next()
        for n in range(3):
            webhook.notify(f"finding {n}")
        passing.waits.get(timeout=PATIENCE)
        passing.over.set()
        assert receiver.next().text.startswith("3 findings:")
        webhook.notify("the last")
        assert receiver.next().text == "the last"
        webhook.close(PATIENCE)
    assert (webhook.delivered, webhook.failures, webhook.dropped) == (2, 3, 0)


# --- a receiver that is slow ------------------------------------------------------------------


def test_a_receiver_that_never_answers_keeps_nobody(silent: socket.socket) -> None:
    began = time.monotonic()
    webhook = Webhook(url_of(silent), timing=replace(TIMING, read=3600.0), limit=10)
    webhook.notify("the first")
    call, _ = silent.accept()
    with call:
        for n in range(15):
            webhook.notify(f"finding {n}")
        assert webhook.dropped == 5
        assert "10 findings are waiting; " in complaint(webhook)
        webhook.close(0.05)
    assert time.monotonic() - began < PATIENCE
    assert (webhook.delivered, webhook.failures, webhook.dropped) == (0, 0, 16)
    assert complaint(webhook).startswith("11 findings were not told, as the end came first; ")
    joined()  # the call has broken now, and nobody tries again
    assert (webhook.delivered, webhook.failures, webhook.dropped) == (0, 0, 16)


def test_the_end_does_not_wait_for_the_next_try() -> None:
    tried = threading.Event()

    def wait(event: threading.Event, seconds: float) -> bool:
        tried.set()
        return event.wait(3600.0)

    with receiving(*[(500, {})] * 9) as receiver:
        webhook = Webhook(receiver.url, timing=replace(TIMING, wait=wait))
        webhook.notify("the first")
        assert tried.wait(PATIENCE)
        webhook.close(0.0)
        joined()
        assert receiver.count() == 1
    assert (webhook.delivered, webhook.failures, webhook.dropped) == (0, 0, 1)


def test_a_bug_is_told_and_does_not_end_the_telling() -> None:
    def jitter() -> float:
        raise ZeroDivisionError(SECRET)

    with receiving((500, {})) as receiver:
        webhook = Webhook(receiver.url, timing=replace(Time().timing(), jitter=jitter))
        webhook.notify("the first")
        receiver.next()
        webhook.notify("the second")
        assert receiver.next().text == "the second"
        webhook.close(PATIENCE)
    assert (webhook.delivered, webhook.failures) == (1, 1)
    assert complaint(webhook) == "a bug in tracecheck (ZeroDivisionError); please report it"


def joined() -> None:
    """Wait for the threads, so that what they do last is seen."""
    for thread in threading.enumerate():
        if thread.name.startswith("--webhook"):
            thread.join(PATIENCE)
            assert not thread.is_alive()


# --- a URL that is none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "SECRET",
        "//host/SECRET",
        "ftp://SECRET@host/SECRET",
        "file:///SECRET",
        "http://",
        "https:///SECRET",
        "http://host:99999/SECRET",
        "http://ho st/SECRET",
        "http://[::1/SECRET",
        "http://a..b/SECRET",
        f"http://{'a' * 64}.example/SECRET",
        "javascript:SECRET",
    ],
)
def test_what_is_not_a_url_to_post_to_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Webhook(url)
    message = str(caught.value)
    assert message.startswith("--webhook: ")
    assert "https://hooks.slack.com/services/…" in message
    assert "\n" not in message
    assert "SECRET" not in message
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_url_may_hold_what_it_likes_behind_the_host() -> None:
    webhook = Webhook("HTTPS://SECRET:SECRET@Hooks.example:8443/SECRET\n\0?SECRET#SECRET")
    webhook.close(0.0)
    webhook.notify("too late")
    assert webhook.last_failure == (
        "--webhook https://hooks.example:8443/…: a finding was not told, as it is closed;"
        " nothing can be told after the end"
    )
