"""`--webhook URL`: what is found is posted to a chat, as Slack, Mattermost and Discord take it.

The URL is a secret: whoever has it can post. No message shows more of it than its host.
"""

from __future__ import annotations

import base64
import json
import math
import random
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import responses
from urllib.parse import unquote_to_bytes

import urllib3
from urllib3.exceptions import (
    HTTPError,
    InvalidHeader,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,  # noqa: A004 - it is the one that is raised here
)
from urllib3.util import Timeout, Url, parse_url

from ..errors import UsageError
from ..text.wording import printable
from .chat import digest
from .worker import WAITING, Worker

LONGEST_PAUSE = 60.0
"""Seconds between two tries at most, whatever the receiver asks for."""

_TOO_MANY = 429
_EXAMPLE = "give one that begins with https://, such as https://hooks.slack.com/services/…"
_GONE = "its URL is not valid, or no longer; make a new webhook there and give its URL"
_MENDS = {
    400: "it may not take messages in the format of Slack; give one that does",
    401: _GONE,
    403: _GONE,
    404: _GONE,
    405: "it takes no posts; give the URL of a webhook",
    410: _GONE,
    _TOO_MANY: "it gets too many messages; let fewer programs post to it",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, and the clock and the waits by which they pass.

    `interval` lies between two posts, `pauses` between the tries of one. `wait` waits so many
    seconds, less if the event is set, and says whether it is. `jitter` is random in [0, 1).
    """

    interval: float = 5.0
    connect: float = 5.0
    read: float = 10.0
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait
    jitter: Callable[[], float] = random.random


TIMING = Timing()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of a try: `problem` is None if the post was taken.

    `again`: another try may help, `after` how long the receiver asks to wait for it.
    """

    problem: str | None
    mend: str = ""
    again: bool = False
    after: float = 0.0


class Webhook(Worker):
    """Posts each text; those that arrive within the interval of the last post are one digest.

    Raises UsageError if the URL is none that can be posted to.
    """

    def __init__(self, url: str, *, timing: Timing = TIMING, limit: int = WAITING) -> None:
        target = _target(url)
        self._url = url
        self._headers = _headers(target)
        self._timing = timing
        self._last = -math.inf
        self._pool = urllib3.PoolManager(
            num_pools=1, retries=False, timeout=Timeout(connect=timing.connect, read=timing.read)
        )
        port = f":{target.port}" if target.port else ""
        shown = printable(f"{target.scheme}://{target.host}{port}/…")
        super().__init__(f"--webhook {shown}", at_once=limit, limit=limit)

    def _pace(self) -> None:
        left = self._last + self._timing.interval - self._timing.clock()
        if left > 0:
            self._timing.wait(self._closing, left)

    def _deliver(self, texts: Sequence[str]) -> str | None:
        body = json.dumps({"text": digest(texts)}).encode()
        answer = self._post(body)
        tries = 1
        for pause in self._timing.pauses:
            if not answer.again or self._timing.wait(self._given_up, self._pause(pause, answer)):
                break
            answer = self._post(body)
            tries += 1
        self._last = self._timing.clock()
        if answer.problem is None:
            return None
        tried = f" (tried {tries} times)" if tries > 1 else ""
        return f"{answer.problem}{tried}; {answer.mend}"

    def _pause(self, pause: float, answer: _Answer) -> float:
        """Wait about as long as planned, so that many programs do not come back at once."""
        planned = pause * (0.5 + self._timing.jitter())
        return min(max(planned, answer.after), LONGEST_PAUSE)

    def _post(self, body: bytes) -> _Answer:
        try:
            # Redirects are not followed: a secret and a log would go to who knows whom.
            response = self._pool.request(
                "POST",
                self._url,
                body=body,
                headers=self._headers,
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            return _unreached(error)
        try:
            return _answered(response.status, response)
        finally:
            response.close()  # unread: its length is the choice of a stranger


def _target(url: str) -> Url:
    try:
        target = parse_url(url)
        (target.host or "").encode("idna")  # labels that no name can have
    except (LocationValueError, UnicodeError):
        raise UsageError(f"--webhook: this is not a URL; {_EXAMPLE}") from None
    if target.scheme not in {"http", "https"}:
        raise UsageError(f"--webhook: this is not a URL of http or https; {_EXAMPLE}")
    if not target.host:
        raise UsageError(f"--webhook: the URL names no host; {_EXAMPLE}")
    return target


def _headers(target: Url) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "tracecheck"}
    if target.auth:
        secret = base64.b64encode(unquote_to_bytes(target.auth)).decode("ascii")
        headers["Authorization"] = f"Basic {secret}"
    return headers


def _unreached(error: HTTPError) -> _Answer:
    """In our own words: those of the library may show the URL."""
    if isinstance(error, SSLError):
        if any(isinstance(one, ssl.SSLCertVerificationError) for one in error.args):
            mend = "give the name it is made for, or have this machine trust its issuer"
            return _Answer("its certificate is not trusted", mend)
        return _Answer("no TLS connection was made", "look whether it speaks HTTPS", again=True)
    if isinstance(error, NameResolutionError):
        return _Answer("its name is not known", "look whether the URL is right", again=True)
    if isinstance(error, NewConnectionError):
        return _Answer("it cannot be reached", "look whether it runs, and the network", again=True)
    if isinstance(error, TimeoutError):
        return _Answer("it did not answer in time", "look whether it runs", again=True)
    return _Answer("the connection broke", "look whether it takes posts over HTTP", again=True)


def _answered(status: int, response: urllib3.BaseHTTPResponse) -> _Answer:
    if 200 <= status < 300:
        return _Answer(None)
    # Not the phrase that was sent, nor the body: they may hold the path, and so the secret.
    phrase = f" ({responses[status]})" if status in responses else ""
    problem = f"it answered {status}{phrase}"
    if 300 <= status < 400:
        return _Answer(f"{problem}, which leads elsewhere", "give the URL that it leads to")
    again = status == _TOO_MANY or status >= 500
    mend = _MENDS.get(status, "look what is wrong with it" if again else _MENDS[400])
    return _Answer(problem, mend, again, _retry_after(response) if again else 0.0)


def _retry_after(response: urllib3.BaseHTTPResponse) -> float:
    try:
        return urllib3.Retry().get_retry_after(response) or 0.0
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
