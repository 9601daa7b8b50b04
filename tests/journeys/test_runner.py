"""The runner records how a journey went, and cuts it short when what it runs against goes away."""

from __future__ import annotations

import asyncio
import errno
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from flutter_bridge import (
    ActionFailed,
    AppiumMissing,
    AppUnreachable,
    BridgeError,
    BrowserMissing,
    DeviceMissing,
    NotFound,
    NotSetUp,
    SemanticsMissing,
)
from journeys import (
    BudgetMissed,
    Inconclusive,
    InfrastructureError,
    Journey,
    ObserverError,
    SetupError,
    Status,
    Timeline,
    UsageError,
    failures,
)
from journeys.cast import step
from journeys.errors import JourneyTimeout
from journeys.failures import cause_of, exit_code_of, first_cause, message_of, status_of
from journeys.pictures import NotAPicture
from journeys.runner import run_journey
from journeys.snapshots import ScreensDiffer
from journeys.timeline import Cause, JourneyEnded, JourneyStarted
from tests.tasks import own_tasks

PASSED, FAILED, INCONCLUSIVE, ERROR = Status.PASSED, Status.FAILED, Status.INCONCLUSIVE, Status.ERROR
Script = Callable[[], Awaitable[None]]


async def nothing_goes_away() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


async def waits() -> None:
    await asyncio.Event().wait()


async def passes() -> None: ...


def fails_with(failure: BaseException) -> Script:
    async def fails() -> None:
        raise failure

    return fails


async def run(
    script: Script,
    timeline: Timeline,
    watch: Callable[[], Awaitable[NoReturn]] = nothing_goes_away,
    *,
    limit_s: float = 60.0,
) -> None:
    described = Journey("looks", "Somebody looks", "P0", None, __name__, "", script)
    await run_journey(described, script, timeline=timeline, targets=("web",), limit_s=limit_s, watch=watch)


def line_of(comment: str) -> str:
    """Return where in this file a line ends with a comment, as errors say it."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, start=1) if line.endswith(f"  {comment}"))
    return f"{Path(__file__).name}:{number}"


async def test_a_journey_that_passes_is_recorded_from_beginning_to_end() -> None:
    timeline = Timeline()
    with own_tasks() as tasks:
        await run(passes, timeline)
        assert not tasks()
    started, ended = timeline
    assert isinstance(started, JourneyStarted)
    assert (started.id, started.name, started.priority, started.targets) == (
        "looks",
        "Somebody looks",
        "P0",
        ("web",),
    )
    assert isinstance(ended, JourneyEnded)
    assert (ended.id, ended.status, ended.error) == ("looks", PASSED, "")
    assert 0 <= ended.duration_s <= ended.at - started.at + 1e-6


@pytest.mark.parametrize(
    ("failure", "status", "exit_code", "cause"),
    [
        (ScreensDiffer("another green"), FAILED, 1, "screen"),
        (AssertionError("wrong"), FAILED, 1, "verdict"),
        (ActionFailed("it shows something else"), FAILED, 1, "verdict"),
        (NotFound("no header"), FAILED, 1, "verdict"),
        (BudgetMissed("late"), FAILED, 1, "verdict"),
        (pytest.fail.Exception("somebody says so"), FAILED, 1, "verdict"),
        (KeyError("a slip in the journey"), ERROR, 2, "setup"),
        (TypeError("a slip in the journey"), ERROR, 2, "setup"),
        (FileNotFoundError("no such list of people"), ERROR, 2, "setup"),
        (PermissionError("somebody else's list of people"), ERROR, 2, "setup"),
        (OSError(errno.ENOSPC, "No space left on device"), ERROR, 3, "infrastructure"),
        (OSError(errno.EROFS, "Read-only file system"), ERROR, 2, "setup"),
        (ConnectionResetError("closed"), ERROR, 3, "infrastructure"),
        (TimeoutError("of whatever was waited for"), ERROR, 3, "infrastructure"),
        (MemoryError("no room"), ERROR, 3, "infrastructure"),
        (RuntimeError("can't start new thread"), ERROR, 3, "infrastructure"),
        (ValueError("what the backend said"), ERROR, 3, "infrastructure"),
        (Inconclusive("on the edge"), INCONCLUSIVE, 1, "verdict"),
        (ObserverError("old looks like new"), ERROR, 3, "verdict"),
        (AppUnreachable("no app"), ERROR, 3, "infrastructure"),
        (SemanticsMissing("no semantics"), ERROR, 3, "infrastructure"),
        (BridgeError("the driver refused"), ERROR, 3, "infrastructure"),
        (InfrastructureError("no backend"), ERROR, 3, "infrastructure"),
        (BrowserMissing("no browser"), ERROR, 2, "setup"),
        (AppiumMissing("no Appium"), ERROR, 2, "setup"),
        (DeviceMissing("no device"), ERROR, 2, "setup"),
        (NotSetUp("wrong capabilities"), ERROR, 2, "setup"),
        (SetupError("no configuration"), ERROR, 2, "setup"),
        (UsageError("no such thing"), ERROR, 2, "setup"),
        (NotAPicture("me.txt: is no picture"), ERROR, 2, "setup"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_how_a_journey_ends_follows_from_what_it_raises(
    failure: Exception, status: Status, exit_code: int, cause: Cause
) -> None:
    assert status_of(failure) is status
    assert exit_code_of(failure) == exit_code
    assert cause_of(failure) == cause
    assert str(failure) in message_of(failure)


def test_what_the_machine_did_is_no_verdict_whatever_it_was_taken_for() -> None:
    for taken_for in (AssertionError("no picture"), NotFound("no header"), ActionFailed("nothing happened")):
        taken_for.__cause__ = OSError(errno.EIO, "Input/output error")
        assert (status_of(taken_for), cause_of(taken_for)) == (ERROR, "infrastructure")
        taken_for.__cause__ = KeyError("header")
        assert (status_of(taken_for), cause_of(taken_for)) == (FAILED, "verdict")


def test_an_assert_of_this_package_says_nothing_of_the_app() -> None:
    namespace: dict[str, Any] = {}
    for file, status in ((failures.__file__, ERROR), (__file__, FAILED)):
        exec(compile("def check(): assert None", file, "exec"), namespace)  # noqa: S102 - two words of ours
        with pytest.raises(AssertionError) as raised:
            namespace["check"]()
        assert status_of(raised.value) is status


def test_of_a_group_an_error_that_says_what_happened_matters_more_than_a_slip() -> None:
    gone, slip, wrong = InfrastructureError("gone"), KeyError("what was gone"), AssertionError("wrong")
    assert first_cause(ExceptionGroup("all", [wrong, slip, gone])) is gone
    assert first_cause(ExceptionGroup("all", [wrong, slip])) is slip


async def test_a_journey_that_fails_is_recorded_and_its_failure_raised_as_it_is() -> None:
    timeline, failure = Timeline(), Inconclusive("alice's header is on the edge\nbob's feed too")
    with pytest.raises(Inconclusive) as raised:
        await run(fails_with(failure), timeline)
    assert raised.value is failure
    (ended,) = timeline.events_of(JourneyEnded)
    assert (ended.status, ended.error) == (
        INCONCLUSIVE,
        "alice's header is on the edge\nbob's feed too",
    )


async def test_of_a_group_what_kept_it_from_its_verdict_is_raised_with_its_own_cause() -> None:
    timeline, root = Timeline(), OSError("connection reset")
    gone = InfrastructureError("the backend went away")
    gone.__cause__ = root
    group = ExceptionGroup("outer", [AssertionError("wrong"), ExceptionGroup("inner", [gone])])
    with pytest.raises(InfrastructureError) as raised:
        await run(fails_with(group), timeline)
    assert raised.value is gone
    assert raised.value.__cause__ is root
    (ended,) = timeline.events_of(JourneyEnded)
    assert (ended.status, ended.error) == (ERROR, "the backend went away")


def test_of_a_group_of_equals_the_first_matters() -> None:
    first, second = AssertionError("first"), AssertionError("second")
    assert first_cause(ExceptionGroup("both", [first, second])) is first
    assert first_cause(second) is second


def test_what_is_told_has_a_line_for_each_thing_and_names_what_says_too_little() -> None:
    assert message_of(AssertionError(" header late \n\n feed late ")) == "header late\nfeed late"
    assert message_of(BudgetMissed("header late")) == "header late"
    assert message_of(KeyError("token")) == "KeyError: 'token'"
    assert message_of(TimeoutError()) == "TimeoutError"


def test_a_fixture_that_is_not_there_is_named(request: pytest.FixtureRequest) -> None:
    with pytest.raises(pytest.FixtureLookupError) as raised:
        request.getfixturevalue("wallet")
    assert message_of(raised.value) == (
        "the journey asks for 'wallet', and no fixture is called that: is a conftest.py missing?"
    )
    assert cause_of(raised.value) == "setup"


def test_of_what_python_raises_it_says_where_the_script_was() -> None:
    with pytest.raises(KeyError) as raised:
        read_configuration_of({})
    line = read_configuration_of.__code__.co_firstlineno + 2
    assert message_of(raised.value) == f"KeyError: 'name', at test_runner.py:{line}"
    # One that comes from below is told by the script's own line, too.
    with pytest.raises(TypeError) as raised_below:
        json.loads(cast(Any, None))
    assert re.search(r", at test_runner\.py:\d+$", message_of(raised_below.value))


def read_configuration_of(settings: dict[str, str]) -> str:
    """Slip, as a journey's script may."""
    return settings["name"]


async def test_a_server_that_goes_away_cuts_the_journey_short_with_its_own_error() -> None:
    timeline = Timeline()
    ends = list[str]()

    async def plays() -> None:
        try:
            await waits()
        finally:
            ends.append("the journey's own tidying")

    async def goes_away() -> NoReturn:
        await asyncio.sleep(0)
        raise InfrastructureError("server 'backend' ended by itself")

    with own_tasks() as tasks:
        with pytest.raises(InfrastructureError, match="server 'backend' ended by itself"):
            async with asyncio.timeout(5):
                await run(plays, timeline, goes_away)
        assert not tasks()
    (ended,) = timeline.events_of(JourneyEnded)
    assert (ended.status, ended.error) == (ERROR, "server 'backend' ended by itself")
    assert ends == ["the journey's own tidying"]


async def test_a_server_found_gone_just_after_the_journey_failed_by_it_is_what_is_said() -> None:
    timeline, failed = Timeline(), asyncio.Event()

    async def fails_by_it() -> None:
        failed.set()
        raise NotFound("the feed is empty")

    async def notices_late() -> NoReturn:
        await failed.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        raise ExceptionGroup("watching", [InfrastructureError("server 'app' ended by itself")])

    with pytest.raises(InfrastructureError, match="server 'app' ended by itself"):
        await run(fails_by_it, timeline, notices_late)


async def test_a_cancelled_journey_leaves_no_task_and_is_no_success() -> None:
    timeline = Timeline()
    with own_tasks() as tasks:
        running = asyncio.create_task(run(waits, timeline))
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(tasks()) == 3  # the run, the script, and what watches
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not tasks()
    (ended,) = timeline.events_of(JourneyEnded)
    assert (ended.status, ended.error) == (ERROR, "CancelledError")


async def test_a_journey_that_takes_too_long_is_ended_and_says_where_it_was() -> None:
    timeline, tidied = Timeline(), list[str]()

    async def waits_for_an_answer() -> None:
        async with asyncio.timeout(None):
            await asyncio.Event().wait()  # for this

    async def plays() -> None:
        with step(timeline, "alice opens the app"):
            pass
        with step(timeline, "alice uploads"), step(timeline, "the picture is pushed"):
            try:
                await waits_for_an_answer()  # it waits
            finally:
                tidied.append("the journey's own")

    with own_tasks() as tasks:
        with pytest.raises(JourneyTimeout) as raised:
            await run(plays, timeline, limit_s=0.05)
        assert not tasks()
    assert str(raised.value) == (
        f"ended after 0.05 s, in 'alice uploads > the picture is pushed', at {line_of('# it waits')}, "
        f"waiting at {line_of('# for this')} in waits_for_an_answer: a journey that needs longer has a "
        "timeout of its own, or journey_timeout in [tool.journeys] is raised"
    )
    assert (exit_code_of(raised.value), cause_of(raised.value)) == (3, "infrastructure")
    (ended,) = timeline.events_of(JourneyEnded)
    assert (ended.status, ended.error) == (ERROR, str(raised.value))
    assert tidied == ["the journey's own"]
