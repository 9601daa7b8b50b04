"""Picture processing that fails: what is tried again, what is given up, and what people are told."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from app_backend.avatars import PictureProcessing, picture_breaker
from app_backend.database import Database
from app_backend.errors import Crashed, DeadlineExceeded, Killed, Overloaded, Problem, TransientFailure
from app_backend.rendering import Submission
from app_backend.resilience import (
    AttemptFailed,
    Breaker,
    BreakerState,
    GivenUp,
    ResilienceEvent,
    Retries,
    RetryPolicy,
)

RENDITIONS = {48: b"small", 512: b"large"}
QUICK = Retries(attempts=3, within_s=20, first_wait_s=0.001, longest_wait_s=0.002, jitter_s=0.001)


class Script:
    """A renderer that does what its list says, one after the other, and well at its end."""

    def __init__(self, *outcomes: Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    async def render(self, submission: Submission) -> dict[int, bytes]:  # noqa: ARG002 - as a renderer is called
        self.calls += 1
        if self.outcomes:
            raise self.outcomes.pop(0)
        return RENDITIONS


class Endless:
    """A renderer that never comes to an end."""

    async def render(self, submission: Submission) -> dict[int, bytes]:  # noqa: ARG002 - as a renderer is called
        await asyncio.Event().wait()
        return RENDITIONS


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
def breaker(database: Database) -> Breaker:
    return picture_breaker(database, threshold=2, cooldown_s=60, total_s=60, name=f"test-{uuid.uuid4()}")


@pytest.fixture
def heard() -> list[ResilienceEvent]:
    return []


Process = Callable[..., PictureProcessing]


@pytest.fixture
def process(breaker: Breaker, heard: list[ResilienceEvent]) -> Process:
    def make(
        renderer: Script | Endless, *, total_s: float = 20, retries: RetryPolicy = QUICK, sound: bool = False
    ) -> PictureProcessing:
        async def is_sound() -> bool:
            return sound

        return PictureProcessing(
            renderer,
            retries=retries,
            breaker=breaker,
            total_s=total_s,
            is_sound=is_sound,
            listener=heard.append,
        )

    return make


async def refused(processing: PictureProcessing) -> Problem:
    with pytest.raises(Problem) as refusal:
        await processing.render(Submission.of(b""))
    return refusal.value


async def test_what_may_pass_is_tried_again(
    process: Process, breaker: Breaker, heard: list[ResilienceEvent]
) -> None:
    script = Script(TransientFailure("one"), TransientFailure("two"))

    assert await process(script).render(Submission.of(b"")) == RENDITIONS

    assert script.calls == 3
    assert heard == [AttemptFailed("pictures", 1, "one"), AttemptFailed("pictures", 2, "two")]
    assert (await breaker.status()).failures == 0


async def test_what_does_not_pass_is_given_up(
    process: Process, breaker: Breaker, heard: list[ResilienceEvent]
) -> None:
    script = Script(*[TransientFailure("worker 7 died")] * 5)

    problem = await refused(process(script))

    assert script.calls == 3
    assert problem.status == 503
    assert problem.headers == {"Retry-After": "1"}
    assert "worker 7" not in problem.detail  # what failed inside is no business of people
    assert heard[-1] == GivenUp("pictures", 3, "TransientFailure")
    # One upload that failed, however often it was tried.
    assert (await breaker.status()).failures == 1


@pytest.mark.parametrize("status", [415, 422])
async def test_a_picture_that_is_no_good_is_not_tried_again(
    process: Process, breaker: Breaker, heard: list[ResilienceEvent], status: int
) -> None:
    script = Script(Problem(status, "no good"))

    problem = await refused(process(script))

    assert (problem.status, problem.detail) == (status, "no good")
    assert script.calls == 1
    assert heard == []
    assert (await breaker.status()).failures == 0


async def test_a_picture_that_took_its_deadline_is_not_tried_again(
    process: Process, breaker: Breaker, heard: list[ResilienceEvent]
) -> None:
    script = Script(DeadlineExceeded("10 s"))

    problem = await refused(process(script))

    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})
    assert script.calls == 1
    assert heard == [GivenUp("pictures", 1, "DeadlineExceeded")]
    assert (await breaker.status()).failures == 1


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Crashed("SIGSEGV"), 422),
        (DeadlineExceeded("10 s"), 503),
        (Killed("exit code -9"), 503),
    ],
)
async def test_what_a_picture_does_is_no_sign_that_others_fail(
    process: Process, breaker: Breaker, outcome: Exception, status: int
) -> None:
    """One of our own was processed in between: nothing is wrong with us, however often it happens."""
    for _ in range(4):
        problem = await refused(process(Script(*[outcome] * 3), sound=True))
        assert problem.status == status

    assert (await breaker.status()).state is BreakerState.CLOSED
    assert (await breaker.status()).failures == 0


@pytest.mark.parametrize("outcome", [Crashed("SIGSEGV"), DeadlineExceeded("10 s"), Killed("exit code -9")])
async def test_where_our_own_picture_fails_as_well_it_is_a_sign(
    process: Process, breaker: Breaker, outcome: Exception
) -> None:
    for _ in range(2):
        problem = await refused(process(Script(*[outcome] * 3), sound=False))
        assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})

    assert (await breaker.status()).state is BreakerState.OPEN


async def test_a_bad_picture_as_the_trial_closes_the_breaker_where_our_own_is_sound(
    process: Process, breaker: Breaker, database: Database
) -> None:
    for _ in range(2):
        await refused(process(Script(DeadlineExceeded("10 s"))))
    async with database.autocommit() as connection:
        await connection.execute(
            text("UPDATE circuits SET opened_at = opened_at - interval '1 hour' WHERE name = :name"),
            {"name": breaker.name},
        )

    await refused(process(Script(Crashed("SIGSEGV")), sound=True))

    assert (await breaker.status()).state is BreakerState.CLOSED


async def test_all_attempts_together_have_an_end(process: Process, breaker: Breaker) -> None:
    problem = await refused(process(Endless(), total_s=0.01))

    assert problem.status == 503
    assert (await breaker.status()).failures == 1


async def test_no_attempt_begins_when_it_is_too_late(process: Process) -> None:
    script = Script(*[TransientFailure("again")] * 5)

    await refused(process(script, retries=Retries(attempts=3, within_s=1e-9, first_wait_s=0.001)))

    assert script.calls == 1


async def test_where_too_many_wait_the_breaker_takes_no_notice(process: Process, breaker: Breaker) -> None:
    script = Script(*[Overloaded("full")] * 3)

    for _ in range(3):
        problem = await refused(process(script))

    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})
    assert "waiting" in problem.detail
    assert script.calls == 3
    assert (await breaker.status()).state is BreakerState.CLOSED


async def test_an_error_nobody_thought_of_stays_one(process: Process, breaker: Breaker) -> None:
    with pytest.raises(ZeroDivisionError):
        await process(Script(ZeroDivisionError())).render(Submission.of(b""))

    assert (await breaker.status()).failures == 1


async def test_while_it_is_open_nothing_is_tried(process: Process) -> None:
    script = Script(DeadlineExceeded("10 s"), DeadlineExceeded("10 s"))
    processing = process(script)
    processing.check()
    for _ in range(2):
        await refused(processing)

    problem = await refused(processing)

    assert script.calls == 2
    assert problem.status == 503
    assert problem.headers is not None
    assert 30 < int(problem.headers["Retry-After"]) <= 60
    with pytest.raises(Problem) as early:
        processing.check()
    assert early.value.status == 503
    assert (await processing.status()).state is BreakerState.OPEN


async def test_waits_grow_and_are_spread(caplog: pytest.LogCaptureFixture) -> None:
    retries: RetryPolicy = Retries(
        attempts=5, within_s=60, first_wait_s=0.01, longest_wait_s=0.04, jitter_s=0.05
    )
    calls = 0

    async def fail() -> None:
        nonlocal calls
        calls += 1
        raise TransientFailure("again")

    seen: list[list[float]] = []
    with caplog.at_level(logging.WARNING, logger="stamina"):
        for _ in range(2):
            with pytest.raises(TransientFailure):
                await retries.call(fail)
            seen.append([record.__dict__["stamina.wait_for"] for record in caplog.records])
            caplog.clear()

    assert calls == 10
    by_chance = []
    for waits in seen:
        for waited, least in zip(waits, (0.01, 0.02, 0.04, 0.04), strict=True):
            by_chance.append(round(waited - least, 2))
    # The log has hundredths of a second.
    assert all(-0.005 <= each <= 0.055 for each in by_chance)
    assert len(set(by_chance)) > 1
