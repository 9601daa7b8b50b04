"""The circuit breaker: opens, tries one call of all processes, closes; every change holds in the database."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app_backend.database import Database, DatabaseOutOfReach
from app_backend.errors import Problem
from app_backend.resilience import (
    Breaker,
    BreakerChanged,
    BreakerState,
    CallRefused,
    CircuitOpen,
    ResilienceEvent,
    SharedBreaker,
)

THRESHOLD = 3
COOLDOWN_S = 60.0
TRIAL_S = 30.0

MakeBreaker = Callable[..., Breaker]
Later = Callable[[float], Awaitable[None]]


class Trouble(Exception):
    """What a guarded call fails with here."""


class Busy(Exception):
    """What says nothing about the guarded thing."""


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[list[Database]]:
    """Two pools of connections to one database, as two processes have them."""
    async with AsyncExitStack() as opened:
        made = [Database(database_url), Database(database_url)]
        for database in made:
            opened.push_async_callback(database.close)
        await made[0].migrate()
        yield made


@pytest.fixture
def name() -> str:
    """A breaker that no other test has."""
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def make(databases: list[Database], name: str) -> MakeBreaker:
    """Make a breaker as process 0 or 1 has it."""

    def make(process: int = 0, *, threshold: int = THRESHOLD, **options: object) -> Breaker:
        return SharedBreaker(
            databases[process],
            name,
            threshold=threshold,
            cooldown_s=COOLDOWN_S,
            trial_s=TRIAL_S,
            spare=(Problem,),
            ignore=(Busy,),
            **options,  # type: ignore[arg-type]  # the listener, where a test gives one
        )

    return make


@pytest.fixture
def later(databases: list[Database], name: str) -> Later:
    """Let seconds go by, as far as the breaker can tell."""

    async def later(seconds: float) -> None:
        async with databases[0].engine.begin() as connection:
            back = "- make_interval(secs => :seconds)"
            await connection.execute(
                text(
                    f"UPDATE circuits SET opened_at = opened_at {back}, trial_until = trial_until {back}"  # noqa: S608 - the constant above
                    " WHERE name = :name"
                ),
                {"seconds": seconds, "name": name},
            )

    return later


async def fail(breaker: Breaker, times: int = 1, error: type[Exception] = Trouble) -> None:
    for _ in range(times):
        with suppress(error):
            async with breaker.guard():
                raise error


async def passes(breaker: Breaker) -> bool:
    try:
        async with breaker.guard():
            return True
    except CircuitOpen:
        return False


async def test_failures_in_a_row_open_it(make: MakeBreaker) -> None:
    breaker = make()
    await fail(breaker, THRESHOLD - 1)
    assert await passes(breaker)
    await fail(breaker, THRESHOLD - 1)
    assert (await breaker.status()).state is BreakerState.CLOSED

    await fail(breaker)

    with pytest.raises(CircuitOpen) as refusal:
        async with breaker.guard():
            pytest.fail("no call may pass")
    assert COOLDOWN_S / 2 < refusal.value.retry_after_s <= COOLDOWN_S
    status = await breaker.status()
    assert status.state is BreakerState.OPEN
    assert status.failures == THRESHOLD
    assert COOLDOWN_S / 2 < status.retry_after_s <= COOLDOWN_S


async def test_a_breaker_nobody_used_is_closed(make: MakeBreaker) -> None:
    status = await make().status()

    assert (status.state, status.failures, status.retry_after_s) == (BreakerState.CLOSED, 0, 0)
    assert await passes(make())


async def test_failures_of_all_processes_count_together(make: MakeBreaker) -> None:
    one, other = make(0), make(1)

    await fail(one, THRESHOLD - 1)
    await fail(other)

    assert not await passes(one)
    assert not await passes(other)


async def test_failures_at_the_same_time_are_all_counted(make: MakeBreaker) -> None:
    breakers = [make(process, threshold=1000) for process in (0, 1)]
    together = asyncio.Barrier(16)

    async def fail_together(breaker: Breaker) -> None:
        with suppress(Trouble):
            async with breaker.guard():
                await together.wait()
                raise Trouble

    await asyncio.gather(*(fail_together(breaker) for breaker in breakers * 8))

    assert (await breakers[0].status()).failures == 16


async def test_failures_at_the_same_time_open_it_once(make: MakeBreaker) -> None:
    heard: list[ResilienceEvent] = []
    breakers = [make(process, threshold=10, listener=heard.append) for process in (0, 1)]
    together = asyncio.Barrier(16)

    async def fail_together(breaker: Breaker) -> None:
        with suppress(Trouble):
            async with breaker.guard():
                await together.wait()
                raise Trouble

    await asyncio.gather(*(fail_together(breaker) for breaker in breakers * 8))

    assert heard == [BreakerChanged(breakers[0].name, "open")]
    assert not await passes(breakers[0])


async def test_of_all_processes_one_call_is_tried(make: MakeBreaker, later: Later) -> None:
    breakers = [make(0), make(1)]
    await fail(breakers[0], THRESHOLD)
    await later(COOLDOWN_S)
    others_refused = asyncio.Event()
    tried: list[str] = []
    refused: list[float] = []

    async def call(breaker: Breaker, who: str) -> None:
        try:
            async with breaker.guard():
                tried.append(who)
                await others_refused.wait()
        except CircuitOpen as error:
            refused.append(error.retry_after_s)
            if len(refused) == 15:
                others_refused.set()

    async with asyncio.timeout(20), asyncio.TaskGroup() as calls:
        for number in range(16):
            calls.create_task(call(breakers[number % 2], str(number)))

    assert len(tried) == 1
    assert refused == [1.0] * 15
    assert (await breakers[1].status()).state is BreakerState.CLOSED
    assert await passes(breakers[0])
    assert await passes(breakers[1])


async def test_while_one_is_tried_it_is_half_open(make: MakeBreaker, later: Later) -> None:
    one, other = make(0), make(1)
    await fail(one, THRESHOLD)
    await later(COOLDOWN_S)

    async with one.guard():
        assert (await other.status()).state is BreakerState.HALF_OPEN
        assert not await passes(other)

    assert (await other.status()).failures == 0


async def test_a_trial_that_fails_opens_it_again(make: MakeBreaker, later: Later) -> None:
    one, other = make(0), make(1)
    await fail(one, THRESHOLD)
    await later(COOLDOWN_S)

    await fail(other)

    status = await one.status()
    assert status.state is BreakerState.OPEN
    assert status.retry_after_s > COOLDOWN_S / 2
    assert not await passes(one)


async def test_a_trial_whose_process_died_is_another_ones_in_time(make: MakeBreaker, later: Later) -> None:
    one, other = make(0), make(1)
    await fail(one, THRESHOLD)
    await later(COOLDOWN_S)

    with suppress(Trouble):
        async with one.guard():
            await later(TRIAL_S - 1)
            assert not await passes(other)
            await later(1)
            assert await passes(other)
            # What was taken for dead comes back late, and is not heard.
            raise Trouble

    assert (await one.status()).state is BreakerState.CLOSED
    assert (await one.status()).failures == 0


@pytest.mark.parametrize("well", [True, False])
async def test_what_began_before_it_opened_changes_nothing_after(make: MakeBreaker, well: bool) -> None:
    early, other = make(0), make(1)
    await fail(other)

    with suppress(Trouble):
        async with early.guard():
            await fail(other, THRESHOLD - 1)
            before = await other.status()
            if not well:
                raise Trouble

    after = await other.status()
    assert (before.state, before.failures) == (BreakerState.OPEN, THRESHOLD)
    assert (after.state, after.failures) == (before.state, before.failures)


async def test_an_error_that_proves_it_works_is_a_success(make: MakeBreaker, later: Later) -> None:
    class Refusal(Problem):
        def __init__(self) -> None:
            super().__init__(422, "no picture")

    breaker = make()
    await fail(breaker, THRESHOLD - 1)
    await fail(breaker, error=Refusal)
    assert (await breaker.status()).failures == 0
    await fail(breaker, THRESHOLD)
    await later(COOLDOWN_S)

    await fail(breaker, error=Refusal)

    assert (await breaker.status()).state is BreakerState.CLOSED


@pytest.mark.parametrize("error", [asyncio.CancelledError, Busy])
async def test_a_call_that_says_nothing_changes_nothing(
    make: MakeBreaker, later: Later, error: type[BaseException]
) -> None:
    breaker = make()

    async def say_nothing() -> None:
        with pytest.raises(error):
            async with breaker.guard():
                raise error

    await fail(breaker, THRESHOLD - 1)
    await say_nothing()
    assert (await breaker.status()).failures == THRESHOLD - 1
    await fail(breaker)
    await later(COOLDOWN_S)

    await say_nothing()

    # The trial is there for the next one, at once.
    assert (await breaker.status()).state is BreakerState.OPEN
    assert await passes(breaker)


async def test_what_a_process_knows_to_be_open_it_refuses_without_asking(make: MakeBreaker) -> None:
    opener, other = make(0), make(1)
    opener.check()
    await fail(opener, THRESHOLD)

    with pytest.raises(CircuitOpen):
        opener.check()
    other.check()  # it can't know yet
    assert not await passes(other)
    with pytest.raises(CircuitOpen) as refusal:
        other.check()
    assert COOLDOWN_S / 2 < refusal.value.retry_after_s <= COOLDOWN_S

    await other.reset()

    other.check()
    assert await passes(opener)


async def test_listeners_hear_of_it(make: MakeBreaker, later: Later, name: str) -> None:
    heard: list[ResilienceEvent] = []
    breaker = make(listener=heard.append)
    await fail(breaker, THRESHOLD)
    await passes(breaker)
    await later(COOLDOWN_S)
    await passes(breaker)

    assert heard == [
        BreakerChanged(name, "open"),
        CallRefused(name),
        BreakerChanged(name, "half_open"),
        BreakerChanged(name, "closed"),
    ]


async def test_without_the_database_no_call_passes(unused_tcp_port: int) -> None:
    database = Database(f"postgresql://x@127.0.0.1:{unused_tcp_port}/x")
    breaker = SharedBreaker(database, "any", threshold=1, cooldown_s=1, trial_s=1)

    with pytest.raises(DatabaseOutOfReach):
        async with breaker.guard():
            pytest.fail("no call may pass")
    await database.close()


async def test_an_outcome_that_cant_be_written_leaves_the_call_alone(
    databases: list[Database], caplog: pytest.LogCaptureFixture
) -> None:
    vanishing = f"vanishing_{uuid.uuid4().hex}"
    url = make_url(str(databases[0].url.render_as_string(hide_password=False))).set(database=vanishing)
    async with databases[0].engine.connect() as server:
        await server.execution_options(isolation_level="AUTOCOMMIT")
        await server.execute(text(f"CREATE DATABASE {vanishing} STRATEGY wal_log"))
        database = Database(url.render_as_string(hide_password=False))
        await database.migrate()
        breaker = SharedBreaker(database, "any", threshold=1, cooldown_s=1, trial_s=1)

        async def call() -> None:
            async with breaker.guard():
                await server.execute(text(f"DROP DATABASE {vanishing} WITH (FORCE)"))
                raise Trouble

        with pytest.raises(Trouble), caplog.at_level(logging.ERROR):
            await call()

    assert "could not be written down" in caplog.text
    await database.close()
