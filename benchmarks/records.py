"""What one logging call writes: the call sites of the service and the lines beside its turns."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random


class Site(NamedTuple):
    """One call site: what its lines have before and after the text, in the two forms."""

    plain_head: str
    json_head: str
    json_tail: str


class Record(NamedTuple):
    """One logging call: where it stands in the code, and the text without any prefix."""

    site: Site
    text: str


class Noise(NamedTuple):
    """A shape of a line that belongs to no turn; `text` takes `%(short)s` and `%(number)d`."""

    weight: int
    site: Site
    text: str
    is_event: bool


def call_site(level: str, logger: str, function: str, line: int) -> Site:
    """Build the constant parts of the lines of one call site."""
    module = logger.rpartition(".")[2]
    head = f'"level": "{level}", "logger": "{logger}", "message": '
    tail = f', "module": "{module}", "function": "{function}", "line": {line}}}\n'
    return Site(f" {level} {logger}: ", head, tail)


PLANNER = call_site("INFO", "app.core.flow.planner", "plan_outbox", 214)
DELIVERY = call_site("INFO", "app.core.flow.delivery", "deliver_outbox", 96)
RESOLVER = call_site("INFO", "app.core.flow.delivery", "resolve_instance", 151)
SENDER = call_site("INFO", "app.core.flow.delivery", "send_message", 188)
RESULT = call_site("INFO", "app.core.flow.delivery", "report_result", 231)
OUTBOX_GUARD = call_site("ERROR", "app.core.guards", "check_handoff", 57)
INSTANCE_GUARD = call_site("ERROR", "app.core.guards", "check_instance", 83)
HTTP = call_site("INFO", "app.api.http", "log_request", 41)
WEBHOOK = call_site("INFO", "app.api.webhook", "receive", 120)
WORKER = call_site("DEBUG", "app.core.worker", "tick", 33)
FAILURE = call_site("ERROR", "app.core.worker", "run", 72)
GRAPH = call_site("WARNING", "app.core.graph", "build_graph", 18)
ALERTS = call_site("CRITICAL", "app.core.alerts", "evaluate", 64)

MEMORY_CHECKPOINTER = Record(GRAPH, "Using memory checkpointer")
FAILURE_ALERT = Record(ALERTS, "CRITICAL ALERT: delivery_failure_rate=0.12 exceeds threshold=0.1")
CUT_LINE = Record(PLANNER, "OUTBOX_TRACE|")

TRACEBACK = """upstream call failed, will retry
Traceback (most recent call last):
  File "/app/core/worker.py", line 71, in run
    reply = client.post(url, json={'retry': {'after': 3}})
TimeoutError: no answer within 30 s"""

# The mix of a quiet service. Prose that names a tag, and an instance that is no field of a trace
# line, are traps for a search by literal: none of these lines breaks a rule.
NOISE = (
    Noise(
        50,
        HTTP,
        "HTTP request done method=POST path=/webhook status=200 request_id=req_%(short)s",
        is_event=False,
    ),
    Noise(15, WEBHOOK, "DEDUP|hit|conv=conv_%(short)s|ttl=60s", is_event=True),
    Noise(10, WORKER, "TURN_LOCK|acquired|conv=conv_%(short)s", is_event=True),
    Noise(10, WEBHOOK, "WEBHOOK|skip|no_text", is_event=False),
    Noise(2, GRAPH, "ROUTING|Post-AI Decision|Routing to: planner", is_event=False),
    Noise(2, WORKER, "OUTBOX_TRACE lines are kept for 30 days, job %(short)s", is_event=False),
    Noise(1, HTTP, "settings: instance=default is ignored, see job %(short)s", is_event=False),
    Noise(1, WORKER, "tabela |instance=default|job=%(short)s| não usada", is_event=False),
    Noise(2, WORKER, 'saved {"node": "planner", "size": {"bytes": %(number)d}}', is_event=False),
    Noise(2, SENDER, "texto enviado: Olá! Sua aula é amanhã às 15h, até lá 👋", is_event=False),
    Noise(1, FAILURE, TRACEBACK, is_event=False),
    Noise(4, WORKER, "worker alive uptime=%(number)ds", is_event=False),
)
TEMPLATES = (
    Noise(1, SENDER, "texto enviado: Olá {{name}}, tudo bem?", is_event=False),
    Noise(1, SENDER, "texto enviado: Aqui é a {SCHOOL_NAME}, tudo bem?", is_event=False),
    Noise(1, SENDER, "MESSAGE_TRACE|conv=conv_%(short)s|text=Olá {{name}}", is_event=True),
)


class NoiseMix:
    """A mix of shapes, drawn by weight."""

    def __init__(self, shapes: tuple[Noise, ...]) -> None:
        """Take the shapes; their weights need not add up to anything."""
        self.shapes = shapes
        self.cuts = list(accumulate(shape.weight for shape in shapes))

    def draw(self, rng: Random) -> tuple[Record, bool]:
        """Return a record of the mix, and whether its line is an event."""
        shape = self.shapes[bisect(self.cuts, rng.random() * self.cuts[-1])]
        number = rng.getrandbits(32)
        text = shape.text % {"short": f"{number:08x}", "number": number}
        return Record(shape.site, text), shape.is_event
