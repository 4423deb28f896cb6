"""What this process counts about itself, for Prometheus."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry: Final = CollectorRegistry()

REQUESTS: Final = Counter(
    "firstclaim_requests",
    "Requests answered, by operation and status.",
    ("method", "route", "status"),
    registry=registry,
)
DURATIONS: Final = Histogram(
    "firstclaim_request_seconds",
    "How long requests took, by operation.",
    ("method", "route"),
    registry=registry,
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
FORGED: Final = Counter(
    "firstclaim_webhooks_forged",
    "Webhooks whose signature was not good; nothing else is kept of them.",
    registry=registry,
)
POSITION: Final = Gauge(
    "firstclaim_log_position", "The last position of a programme's log.", ("programme",), registry=registry
)
LAG: Final = Gauge(
    "firstclaim_view_lag", "By how many events a view is behind the log.", ("programme", "view"), registry=registry
)
PARKED: Final = Gauge(
    "firstclaim_view_parked", "How many keys of a view are parked.", ("programme", "view"), registry=registry
)


class RequestMeter:
    """Counts the answers of one operation."""

    def __init__(self, method: str, route: str) -> None:
        self._labels = (method, route)
        self._seconds = DURATIONS.labels(method, route)
        self._answers: dict[int, Counter] = {}

    def answered(self, status: int, seconds: float) -> None:
        """One more answer."""
        counter = self._answers.get(status)
        if counter is None:
            counter = self._answers[status] = REQUESTS.labels(*self._labels, str(status))
        counter.inc()
        self._seconds.observe(seconds)
