"""What an operator looks at: the log, request ids, metrics, and where the time of a request went."""

from app_backend.observability.failing import counting
from app_backend.observability.logs import configure_logging
from app_backend.observability.measured import MeasuredRenderer, MeasuredStorage, counted
from app_backend.observability.metrics import METRICS_MEDIA_TYPE, Metrics
from app_backend.observability.request import Part, request_id, timed
from app_backend.observability.requests import EXPOSED, ObservedRequests, route_of
from app_backend.observability.statements import time_statements

__all__ = [
    "EXPOSED",
    "METRICS_MEDIA_TYPE",
    "MeasuredRenderer",
    "MeasuredStorage",
    "Metrics",
    "ObservedRequests",
    "Part",
    "configure_logging",
    "counted",
    "counting",
    "request_id",
    "route_of",
    "time_statements",
    "timed",
]
