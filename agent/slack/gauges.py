"""What is counted and timed, for Prometheus. No label ever holds a person, a channel or a word that was said."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Gauges:
    """One set a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        kept = self.registry
        self.events = Counter(
            "rung_slack_events",
            "what Slack delivered, by kind; ignored and duplicate apart",
            ["kind"],
            registry=kept,
        )
        self.acks = Histogram(
            "rung_slack_ack_seconds",
            "from a delivery's arrival to its acknowledgement",
            buckets=_FAST,
            registry=kept,
        )
        self.turns = Histogram(
            "rung_slack_turn_seconds", "one turn of the advisor's", buckets=_SLOW, registry=kept
        )
        self.latency = Histogram(
            "rung_slack_latency_seconds",
            "from a delivery's arrival to its answer in Slack",
            buckets=_SLOW,
            registry=kept,
        )
        self.calls = Counter(
            "rung_slack_api_calls",
            "calls of Slack's API, by method and outcome",
            ["method", "outcome"],
            registry=kept,
        )
        self.errors = Counter("rung_slack_errors", "what went wrong, by kind", ["kind"], registry=kept)
        self.waiting = Gauge("rung_slack_waiting", "deliveries that wait to be answered", registry=kept)

    def text(self) -> bytes:
        return generate_latest(self.registry)
