"""Steps are timed, named and nested, also among people who act at the same time."""

from __future__ import annotations

import asyncio

import pytest

from journeys import InfrastructureError, Timeline
from journeys.cast import step
from journeys.timeline import StepEnded, StepStarted


def test_a_step_has_a_beginning_an_end_and_a_length() -> None:
    timeline = Timeline()
    with step(timeline, "alice looks"):
        assert [event.title for event in timeline.events_of(StepStarted)] == ["alice looks"]
        assert not timeline.events_of(StepEnded)
    (ended,) = timeline.events_of(StepEnded)
    (started,) = timeline.events_of(StepStarted)
    assert (ended.title, ended.depth, ended.error) == ("alice looks", 0, "")
    assert 0 <= ended.duration_s <= ended.at - started.at + 1e-6


def test_a_step_inside_a_step_is_one_deeper_and_the_next_one_is_not() -> None:
    timeline = Timeline()
    with step(timeline, "outer"), step(timeline, "inner"):
        pass
    with step(timeline, "next"):
        pass
    assert [(one.title, one.depth) for one in timeline.events_of(StepStarted)] == [
        ("outer", 0),
        ("inner", 1),
        ("next", 0),
    ]
    assert [one.title for one in timeline.events_of(StepEnded)] == ["inner", "outer", "next"]


async def test_people_who_act_at_the_same_time_are_no_steps_of_each_other() -> None:
    timeline = Timeline()
    both = asyncio.Barrier(2)

    async def act(name: str) -> None:
        with step(timeline, name):
            await both.wait()
            with step(timeline, f"{name} within"):
                await both.wait()

    with step(timeline, "together"):
        async with asyncio.TaskGroup() as group:
            group.create_task(act("alice"))
            group.create_task(act("bob"))
    depths = {one.title: one.depth for one in timeline.events_of(StepEnded)}
    assert depths == {"together": 0, "alice": 1, "bob": 1, "alice within": 2, "bob within": 2}


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AssertionError("it shows nothing\nassert 1 == 2"), "it shows nothing"),
        (AssertionError(), "AssertionError"),
        (KeyError("token"), "KeyError: 'token'"),
        (asyncio.CancelledError(), "CancelledError"),
        (ExceptionGroup("several", [ValueError("first"), InfrastructureError("gone")]), "gone"),
    ],
)
def test_a_step_that_fails_says_why_in_one_line_and_lets_it_pass(failure: BaseException, said: str) -> None:
    timeline = Timeline()
    with pytest.raises(type(failure)) as raised, step(timeline, "alice looks"):
        raise failure
    assert raised.value is failure
    (ended,) = timeline.events_of(StepEnded)
    # Of a slip it says where, too.
    assert ended.error.partition(", at test_steps.py:")[0] == said
