"""The review of screens that differ from their baselines: a local page, and the same as files."""

from typing import TYPE_CHECKING

from journeys.lazy_face import import_on_demand
from journeys.review.decisions import Choice, DecisionRequest, read_requests
from journeys.review.reg_json import write_reg_json
from journeys.review.results import ComparisonResults, read_results
from journeys.review.review import Review

if TYPE_CHECKING:
    from journeys.review.page import write_static_page
    from journeys.review.server import ServedReview, serve, serve_review
else:
    __getattr__ = import_on_demand(
        __name__, {"server": "ServedReview serve serve_review", "page": "write_static_page"}
    )


__all__ = [
    "Choice",
    "ComparisonResults",
    "DecisionRequest",
    "Review",
    "ServedReview",
    "read_requests",
    "read_results",
    "serve",
    "serve_review",
    "write_reg_json",
    "write_static_page",
]
