"""What an operator looks at: the log, request ids, metrics, and where the time of a request went."""

from app_backend.observability.logs import configure_logging
from app_backend.observability.metrics import (
    METRICS_MEDIA_TYPE,
    MeasuredRenderer,
    MeasuredStorage,
    Metrics,
    count_calls,
    count_failures,
)
from app_backend.observability.requests import (
    EXPOSED,
    ObservedRequests,
    RequestPart,
    detach_request,
    request_id,
    route_of,
    time_part,
    time_statements,
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
    "count_calls",
    "count_failures",
    "detach_request",
    "request_id",
    "route_of",
    "time_part",
    "time_statements",
]
