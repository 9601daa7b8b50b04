"""What an operator looks at: the log, request ids, metrics, and where the time of a request went."""

from app_backend.observability.logs import configure_logging
from app_backend.observability.metrics import (
    METRICS_MEDIA_TYPE,
    MeasuredRenderer,
    MeasuredStorage,
    Metrics,
    counted,
    counting,
)
from app_backend.observability.requests import (
    EXPOSED,
    ObservedRequests,
    RequestPart,
    request_id,
    route_of,
    time_statements,
    timed,
)

__all__ = [
    "EXPOSED",
    "METRICS_MEDIA_TYPE",
    "MeasuredRenderer",
    "MeasuredStorage",
    "Metrics",
    "ObservedRequests",
    "RequestPart",
    "configure_logging",
    "counted",
    "counting",
    "request_id",
    "route_of",
    "time_statements",
    "timed",
]
