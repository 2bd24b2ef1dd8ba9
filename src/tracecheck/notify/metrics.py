"""`--metrics [HOST:]PORT`: how the run stands, as Prometheus reads it.

Label values are ids of rules, names of classes and outcomes, never text of a log: so nobody who
writes a log can make new time series.
"""

from __future__ import annotations

import errno
import io
import socket
import threading
from collections.abc import Iterable, Mapping
from socketserver import ThreadingMixIn
from types import MappingProxyType
from typing import Any, TextIO
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import Metric

from ..errors import UsageError
from ..model.live import Snapshot
from ..text.wording import quoted
from .metric_families import families

HOST = "127.0.0.1"
"""Where it listens if no host is given: what a log says is not for everybody on the network."""

_EXAMPLE = "give a port, as in 9464, or a host and a port, as in 0.0.0.0:9464"
_REFUSALS = {
    errno.EADDRINUSE: "this port is in use; give another, or end the program that has it",
    errno.EADDRNOTAVAIL: "this host is not this machine; give an address of it",
}
_NONE: Mapping[str, int] = MappingProxyType({})


class Metrics:
    """A server that answers `GET /metrics` in threads of its own, until it is closed.

    `url` is where. Raises UsageError if it cannot listen there.
    """

    def __init__(self, where: str) -> None:
        host, port = _parsed(where)
        self._latest: tuple[Snapshot, Mapping[str, int], Mapping[str, int]] | None = None
        registry = CollectorRegistry(support_collectors_without_names=True)
        registry.register(self)
        self._server = _listening(host, port)
        self._server.set_app(make_wsgi_app(registry))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}/metrics"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="--metrics", daemon=True
        )
        self._thread.start()

    def update(
        self,
        snapshot: Snapshot,
        *,
        failures: Mapping[str, int] = _NONE,
        dropped: Mapping[str, int] = _NONE,
    ) -> None:
        """Answer with this from now on; `failures` and `dropped` are by channel.

        One reference is exchanged, so a scrape sees one snapshot, whole, and nobody waits.
        """
        self._latest = (snapshot, dict(failures), dict(dropped))

    def collect(self) -> Iterable[Metric]:
        """What a scrape reads; nothing before the first update."""
        latest = self._latest
        return [] if latest is None else families(*latest)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(WSGIRequestHandler):
    timeout = 10  # a client that says nothing must not keep a thread for ever

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nothing: standard error may be a live screen."""

    def get_stderr(self) -> TextIO:
        """Nowhere: a request that makes the client library fail must not be able to print."""
        return io.StringIO()


class _Server(ThreadingMixIn, WSGIServer):
    """The client library's own server has no timeout, and prints a traceback if a client leaves."""

    daemon_threads = True
    allow_reuse_port = False  # else a port in use is taken without a word

    def __init__(self, address: tuple[str, int], family: socket.AddressFamily) -> None:
        self.address_family = family
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that went away will ask again."""


def _parsed(where: str) -> tuple[str, int]:
    before, colon, port = where.rpartition(":")
    bracketed = before.startswith("[") and before.endswith("]")
    host = before[1:-1] if bracketed else before
    if (colon and not host) or (":" in host and not bracketed):
        raise UsageError(f"--metrics {quoted(where)}: this is no host and port; {_EXAMPLE}")
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) < 1 << 16):
        raise UsageError(f"--metrics {quoted(where)}: this is no port; {_EXAMPLE}")
    return host or HOST, int(port)


def _listening(host: str, port: int) -> _Server:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return _Server((str(address[0]), port), family)
    except PermissionError:
        why = "this port is forbidden to you; give one above 1023"
    except (socket.gaierror, UnicodeError):
        why = "this host is not known; give a name or an address of this machine"
    except OSError as error:
        why = _REFUSALS.get(error.errno or 0, f"{error.strerror}; give another host or port")
    raise UsageError(f"--metrics {quoted(f'{host}:{port}')}: {why}")
