"""What happened when, as a journey's entry has it."""

from __future__ import annotations

from flutter_bridge import Interval
from journeys.report.moments import MOST_REQUESTS, moments_of
from journeys.timeline import Acted, Requested


def requested(number: int, actor: str = "alice") -> Requested:
    return Requested(actor=actor, request=f"GET /{number}: 200", taken=Interval(number, number + 0.5))


def test_a_request_is_a_moment_of_whose_app_asked() -> None:
    assert moments_of([requested(3)], began=1.0) == [
        {
            "kind": "requested",
            "actor": "alice",
            "what": "GET /3: 200",
            "within_s": {"low": 2.0, "high": 2.5},
        }
    ]


def test_of_many_requests_each_actor_has_the_last() -> None:
    acted = Acted(actor="alice", action="taps", received=Interval.at(0.0))
    many = [requested(number) for number in range(MOST_REQUESTS + 2)]
    found = [moment["what"] for moment in moments_of([acted, *many, requested(7, "bob")], began=0.0)]
    of_alice = [f"GET /{number}: 200" for number in range(2, MOST_REQUESTS + 2)]
    assert found == ["taps", *of_alice, "GET /7: 200"]
