"""Prometheus reads how the run stands, at any time, in numbers that are exact."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from report.verdicts import outcome, rule, verdict

from tracecheck.errors import UsageError
from tracecheck.model.live import Snapshot, Trouble
from tracecheck.model.verdict import Totals
from tracecheck.notify.metrics import Metrics

from .receivers import PATIENCE

TOTALS = Totals(
    lines=100,
    events=80,
    plain=10,
    malformed=10,
    undecodable=3,
    too_long=2,
    duplicate_field=1,
    second_event=5,
    time_goes_back=12,
)
BROKEN = outcome(
    rule("broken", "sequence"),
    "fail",
    subjects=7,
    violations=3,
    classes={"missing": 2, "late": 1},
    open=5,
    evicted=4,
)
CLEAN = outcome(rule("clean"), "pass", subjects=80, classes={"forbidden": 0})
SNAPSHOT = Snapshot(
    verdict(BROKEN, CLEAN, totals=TOTALS),
    log_time=1_700_000_000_500_000_000,
    lag=4096,
    lines_per_second=12.5,
    overdue={"broken": 2},
    late_arrivals=6,
    troubles=(Trouble("app.log", "it is gone"),),
)


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    one = Metrics("0")
    yield one
    one.close()


def got(metrics: Metrics, query: str = "") -> str:
    where = urlsplit(metrics.url)
    assert where.hostname is not None
    connection = HTTPConnection(where.hostname, where.port, timeout=PATIENCE)
    try:
        connection.request("GET", where.path + query)
        answer = connection.getresponse()
        assert answer.status == 200
        assert str(answer.headers["Content-Type"]).startswith("text/plain; version=")
        return answer.read().decode()
    finally:
        connection.close()


def scraped(metrics: Metrics, query: str = "") -> dict[tuple[Any, ...], float]:
    """Each series by its name and the values of its labels, in the order of their names."""
    found: dict[tuple[Any, ...], float] = {}
    for family in text_string_to_metric_families(got(metrics, query)):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, *(sample.labels[name] for name in sorted(sample.labels)))
            assert key not in found
            found[key] = sample.value
    return found


def test_before_the_first_update_there_is_an_answer_with_nothing_in_it(metrics: Metrics) -> None:
    assert scraped(metrics) == {}


def test_every_number_of_the_snapshot_is_there(metrics: Metrics) -> None:
    failures, dropped = {"exec": 8, "webhook": 9}, {"exec": 0, "webhook": 11}
    metrics.update(SNAPSHOT, failures=failures, dropped=dropped)
    assert scraped(metrics) == {
        ("tracecheck_lines_total",): 100,
        ("tracecheck_events_total",): 80,
        ("tracecheck_late_arrivals_total",): 6,
        ("tracecheck_time_goes_back_total",): 12,
        ("tracecheck_lag_bytes",): 4096,
        ("tracecheck_lines_per_second",): 12.5,
        ("tracecheck_troubles",): 1,
        ("tracecheck_log_time_seconds",): 1_700_000_000.5,
        ("tracecheck_violations_total", "broken"): 3,
        ("tracecheck_violations_total", "clean"): 0,
        ("tracecheck_subjects_total", "broken"): 7,
        ("tracecheck_subjects_total", "clean"): 80,
        ("tracecheck_evicted_total", "broken"): 4,
        ("tracecheck_evicted_total", "clean"): 0,
        ("tracecheck_open_subjects", "broken"): 5,
        ("tracecheck_open_subjects", "clean"): 0,
        ("tracecheck_overdue_subjects", "broken"): 2,
        ("tracecheck_overdue_subjects", "clean"): 0,
        ("tracecheck_defects_total", "malformed"): 10,
        ("tracecheck_defects_total", "undecodable"): 3,
        ("tracecheck_defects_total", "too_long"): 2,
        ("tracecheck_defects_total", "duplicate_field"): 1,
        ("tracecheck_defects_total", "second_event"): 5,
        ("tracecheck_findings", "missing", "broken"): 2,
        ("tracecheck_findings", "late", "broken"): 1,
        ("tracecheck_findings", "forbidden", "clean"): 0,
        ("tracecheck_verdict", "pass"): 0,
        ("tracecheck_verdict", "fail"): 1,
        ("tracecheck_verdict", "inconclusive"): 0,
        ("tracecheck_outcome", "pass", "broken"): 0,
        ("tracecheck_outcome", "fail", "broken"): 1,
        ("tracecheck_outcome", "inconclusive", "broken"): 0,
        ("tracecheck_outcome", "pass", "clean"): 1,
        ("tracecheck_outcome", "fail", "clean"): 0,
        ("tracecheck_outcome", "inconclusive", "clean"): 0,
        ("tracecheck_telling_failures_total", "exec"): 8,
        ("tracecheck_telling_failures_total", "webhook"): 9,
        ("tracecheck_telling_dropped_total", "exec"): 0,
        ("tracecheck_telling_dropped_total", "webhook"): 11,
    }


def test_the_next_update_replaces_the_last(metrics: Metrics) -> None:
    metrics.update(SNAPSHOT)
    metrics.update(Snapshot(verdict(CLEAN, totals=Totals(lines=101))))
    found = scraped(metrics)
    assert found["tracecheck_lines_total",] == 101
    assert ("tracecheck_outcome", "fail", "broken") not in found
    assert ("tracecheck_log_time_seconds",) not in found  # no line had a time


def test_the_text_is_as_the_official_client_writes_it(metrics: Metrics) -> None:
    metrics.update(SNAPSHOT)
    registry = CollectorRegistry()
    registry.register(metrics)
    assert got(metrics) == generate_latest(registry).decode()
    lines = got(metrics).splitlines()
    assert "# TYPE tracecheck_lines_total counter" in lines
    assert "# HELP tracecheck_lines_total Lines that were read." in lines
    assert "# TYPE tracecheck_outcome gauge" in lines
    assert 'tracecheck_outcome{outcome="fail",rule="broken"} 1.0' in lines


def test_some_may_be_asked_for_by_name(metrics: Metrics) -> None:
    metrics.update(SNAPSHOT)
    found = scraped(metrics, "?name[]=tracecheck_lines_total")
    assert found == {("tracecheck_lines_total",): 100}


def test_it_answers_while_the_main_thread_is_busy(metrics: Metrics) -> None:
    metrics.update(SNAPSHOT)
    code = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=30).read())"
    command = [sys.executable, "-c", code, metrics.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as scrape:
        while scrape.poll() is None:
            pass
        assert scrape.stdout is not None
        assert "tracecheck_lines_total 100.0" in scrape.stdout.read()


def test_a_client_that_leaves_early_is_no_news(
    metrics: Metrics, capfd: pytest.CaptureFixture[str]
) -> None:
    where = urlsplit(metrics.url)
    for _ in range(3):
        with socket.create_connection((where.hostname, where.port), PATIENCE) as client:
            linger = (1).to_bytes(4, sys.byteorder) + bytes(4)  # so that it ends with a reset
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.sendall(b"GET /metrics HT")
    metrics.update(SNAPSHOT)
    assert scraped(metrics)
    assert capfd.readouterr() == ("", "")


def answered(metrics: Metrics, request: bytes) -> bytes:
    """What the server says to these bytes before it closes; nothing if it only closes."""
    where = urlsplit(metrics.url)
    with socket.create_connection((where.hostname, where.port), PATIENCE) as client:
        told = b""
        with suppress(ConnectionError):  # it does not wait for the rest of what is too long
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while more := client.recv(1 << 16):
                told += more
        return told


GET = b"GET /metrics HTTP/1.1\r\n"
OPEN_METRICS = b"Accept: application/openmetrics-text; version="


@pytest.mark.parametrize(
    "request_",
    [
        GET + OPEN_METRICS + b"99\xff\r\n\r\n",
        GET + OPEN_METRICS + b"\xb2.0\r\n\r\n",
        GET + OPEN_METRICS + b"1e999.x\r\n\r\n",
        GET + b"Accept: text/plain; version=1.0.0; escaping=\xff\r\n\r\n",
        GET + b"Accept: " + b",;=" * 9_000 + b"\r\n\r\n",
        GET + b"Accept-Encoding: \xff;q=\xff\r\n\r\n",
        GET + b"Content-Length: -1\r\n\r\n",
        GET + b"Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        GET + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        GET + b"".join(b"X%d: x\r\n" % at for at in range(500)) + b"\r\n",
        GET + b": \r\n\x00\x01: \xff\r\n no\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /metrics?name[]=%ff&name[]=%zz&%00 HTTP/1.1\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\n\r\n",
        b"GET //%2f..%2f\xff HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metrics HTTP/1.1.1\r\n\r\n",
        b"GET /metrics HTTP/" + b"9" * 6_000 + b".0\r\n\r\n",
        b"GET /metrics JUNK\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
        b"BREW /metrics HTTP/1.1\r\n\r\n",
        b"\xff\xfe /metrics HTTP/1.1\r\n\r\n",
        b"CONNECT localhost:1 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n",
        b"\0" * 1_000,
        b"GET /metrics HT",
        GET + b"Host: half",
        b"",
    ],
    ids=lambda request: repr(request[:40]),
)
def test_whatever_is_asked_nothing_is_printed_and_the_next_scrape_is_answered(
    metrics: Metrics, capfd: pytest.CaptureFixture[str], request_: bytes
) -> None:
    metrics.update(SNAPSHOT)
    told = answered(metrics, request_)
    assert told == b"" or told.startswith((b"HTTP/1.", b"<!DOCTYPE HTML", b"# HELP"))
    assert b"Traceback" not in told
    assert scraped(metrics)
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_this_machine_alone_unless_told_otherwise(metrics: Metrics) -> None:
    assert metrics.url.startswith("http://127.0.0.1:")


def test_a_host_may_be_given() -> None:
    metrics = Metrics("localhost:0")
    metrics.update(SNAPSHOT)
    assert scraped(metrics)
    metrics.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_a_host_may_be_of_ipv6() -> None:
    try:
        metrics = Metrics("[::1]:0")
    except UsageError:
        pytest.skip("no IPv6 here")
    metrics.update(SNAPSHOT)
    assert metrics.url.startswith("http://[::1]:")
    assert scraped(metrics)
    metrics.close()


def test_after_closing_the_port_is_free_again() -> None:
    first = Metrics("0")
    port = urlsplit(first.url).port
    first.close()
    first.close()
    second = Metrics(f"{port}")
    assert second.url == first.url
    second.close()


def test_a_port_in_use_is_told_in_one_line(metrics: Metrics) -> None:
    port = urlsplit(metrics.url).port
    with pytest.raises(UsageError) as caught:
        Metrics(f"127.0.0.1:{port}")
    assert str(caught.value) == (
        f"--metrics `127.0.0.1:{port}`: this port is in use;"
        " give another, or end the program that has it"
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "this is no port; give a port, as in 9464, or a host and a port"),
        ("http", "this is no port"),
        ("65536", "this is no port"),
        ("-1", "this is no port"),
        ("٣", "this is no port"),
        ("9" * 5000, "this is no port"),
        (":9464", "this is no host and port"),
        ("::1:9464", "this is no host and port"),
        ("[]:9464", "this is no host and port"),
        ("http://localhost:9464", "this is no host and port"),
        ("localhost:http", "this is no port"),
        ("a..b:9464", "this host is not known"),
        ("192.0.2.1:9464", "this host is not this machine"),
    ],
)
def test_where_it_cannot_listen_is_told_in_one_line(where: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Metrics(where)
    message = str(caught.value)
    assert message.startswith("--metrics `")
    assert said in message
    assert "\n" not in message


def test_a_forbidden_port_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", type("Socket", (socket.socket,), {"bind": bind}))
    with pytest.raises(UsageError, match="this port is forbidden to you; give one above 1023"):
        Metrics("80")
