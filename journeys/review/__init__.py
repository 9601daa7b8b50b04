"""The review of screens that differ from their baselines: a local page, and the same as files."""

from importlib import import_module
from typing import TYPE_CHECKING

from journeys.review.decisions import Choice, DecisionRequest, read_requests
from journeys.review.reg_json import write_reg_json
from journeys.review.results import ComparisonResults, read_results
from journeys.review.review import Review

if TYPE_CHECKING:
    from journeys.review.server import ServedReview, serve, serving
    from journeys.review.static_page import write_static_page
else:
    # Imported when asked for: they need what only the page needs.
    _HOMES = {
        "ServedReview": "server",
        "serve": "server",
        "serving": "server",
        "write_static_page": "static_page",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Choice",
    "ComparisonResults",
    "DecisionRequest",
    "Review",
    "ServedReview",
    "read_requests",
    "read_results",
    "serve",
    "serving",
    "write_reg_json",
    "write_static_page",
]
