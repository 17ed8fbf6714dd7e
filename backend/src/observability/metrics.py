"""Numbers for Prometheus. With several workers they are added up over files that the workers share."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What is counted. A registry of its own, so that an application made twice does not count into the first's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("http_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "http_request_seconds", "Time to answer.", ("method", "route"), registry=self.registry, buckets=BUCKETS
        )
        self.in_flight = Gauge(
            "http_requests_in_flight", "Requests at work.", registry=self.registry, multiprocess_mode="livesum"
        )
        self.refused = Counter("http_requests_refused", "Requests turned away.", ("why",), registry=self.registry)
        self.retries = Counter("database_retries", "Units of work that were tried again.", registry=self.registry)
        self.children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer. Looking up labels costs more than counting, so what was looked up is kept."""
        key = (method, route, status)
        found = self.children.get(key)
        if found is None:
            found = (self.requests.labels(method, route, str(status)), self.seconds.labels(method, route))
            self.children[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def page(self) -> bytes:
        """The page that Prometheus reads."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
