"""The timeline keeps events in order and hands them on as they happen."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from flutter_bridge import now
from journeys import Event, Timeline
from journeys.timeline import ActorJoined, StepStarted


def test_events_are_kept_in_order_and_found_by_kind() -> None:
    timeline = Timeline()
    alice, step, bob = (
        ActorJoined(actor="alice", target="web"),
        StepStarted(title="bob joins", depth=0),
        ActorJoined(actor="bob", target="web"),
    )
    for event in (alice, step, bob):
        timeline.emit(event)
    assert list(timeline) == [alice, step, bob]
    assert timeline.events_of(ActorJoined) == [alice, bob]
    assert timeline.events_of(Event) == [alice, step, bob]


def test_subscribers_hear_what_happens_from_then_on_in_their_order() -> None:
    timeline, heard = Timeline(), list[tuple[str, Event]]()
    before, after = ActorJoined(actor="a", target="web"), ActorJoined(actor="b", target="web")
    timeline.emit(before)
    timeline.subscribe(lambda event: heard.append(("first", event)))
    timeline.subscribe(lambda event: heard.append(("second", event)))
    timeline.emit(after)
    assert heard == [("first", after), ("second", after)]


def test_what_happens_while_one_reads_is_read_the_next_time() -> None:
    timeline = Timeline()
    timeline.emit(ActorJoined(actor="alice", target="web"))
    for event in timeline:
        timeline.emit(event)
    assert len(list(timeline)) == 2


def test_an_event_bears_its_moment_and_cannot_be_changed() -> None:
    before = now()
    event = ActorJoined(actor="alice", target="web")
    assert before <= event.at <= now()
    with pytest.raises(FrozenInstanceError):
        event.actor = "bob"  # type: ignore[misc]  # which a type checker says too
