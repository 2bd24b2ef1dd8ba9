"""A receiver of posts in a thread of its own: it answers as it is told, and keeps what came."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 30.0
"""Seconds after which a test that waits for something has failed."""

SECRET = "/services/T00SECRET/B00SECRET?token=SECRET"


@dataclass(frozen=True)
class Post:
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def text(self) -> str:
        assert list(self.body) == ["text"]
        return self.body["text"]


@dataclass
class Receiver:
    """`answers` are status and headers of the next answers; when they run out, it is 200."""

    url: str
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    posts: queue.Queue[Post] = field(default_factory=queue.Queue)

    def next(self) -> Post:
        return self.posts.get(timeout=PATIENCE)

    def count(self) -> int:
        return self.posts.qsize()


@contextmanager
def receiving(*answers: tuple[int, dict[str, str]]) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.posts.put(Post(self.path, dict(self.headers), body))
            status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
            self.send_response(status, f"no {self.path}")  # as some do, the path is in it
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            receiver.posts.put(Post(self.path, dict(self.headers), None))
            self.send_error(405)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}{SECRET}", list(answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
