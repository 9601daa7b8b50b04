"""The review of screens that differ from their baselines: a local page, and the same as files."""

from journeys.review.decisions import Asked, Choice, Decision, read_asked
from journeys.review.reg_json import write_reg_json
from journeys.review.results import Entry, Results, read_results
from journeys.review.review import Outcome, Refusal, Review

__all__ = [
    "Asked",
    "Choice",
    "Decision",
    "Entry",
    "Outcome",
    "Refusal",
    "Results",
    "Review",
    "read_asked",
    "read_results",
    "write_reg_json",
]
