"""What a kit makes reports of commits of, by backends of which it is known when they committed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from journeys import (
    CommitReport,
    CommitStream,
    InfrastructureError,
    Interval,
    PolledCommits,
    RemoteClock,
    now,
)

DEADLINE_S = 10


class Told(CommitStream):
    """A backend that says what a test has it say; `ahead` is by how much its clock is."""

    def __init__(self, *, ahead: float = 0.0) -> None:
        self.sent: asyncio.Queue[CommitReport | Exception | None] = asyncio.Queue()
        self.is_open = False
        self._ahead = ahead

    @property
    def clock(self) -> float:
        return time.time() + self._ahead

    async def read_clock(self) -> RemoteClock | None:
        if not self._ahead:
            return None
        clock = RemoteClock()

        async def ask() -> float:
            return self.clock

        await clock.read(ask)
        return clock

    @asynccontextmanager
    async def connect(self, key: str) -> AsyncIterator[AsyncIterator[CommitReport]]:
        assert key == "42"
        self.is_open = True
        try:
            yield self._reports()
        finally:
            self.is_open = False

    async def _reports(self) -> AsyncIterator[CommitReport]:
        while (item := await self.sent.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item


def assert_holds(committed: Interval, truth: float) -> None:
    assert committed.low <= truth <= committed.high


@pytest.mark.parametrize("ahead", [0.0, 3600.0], ids=["this machine's", "an hour ahead"])
async def test_stamps_hold_the_commit_on_either_clock(ahead: float) -> None:
    backend = Told(ahead=ahead)
    async with asyncio.timeout(DEADLINE_S), backend.listen("42") as commits:
        before, truth, after = backend.clock, now(), backend.clock
        heard_of = now()
        backend.sent.put_nowait(CommitReport(change="message", key="7"))
        backend.sent.put_nowait(CommitReport(change="message", key="42", before=before, after=after))
        commit = await anext(commits)
    assert (commit.change, commit.key, commit.source) == ("message", "42", "the backend's stamps")
    assert_holds(commit.committed, truth)
    assert commit.committed.high - heard_of < 0.5


async def test_without_a_second_stamp_a_commit_is_certain_once_word_of_it_is_here() -> None:
    backend = Told()
    async with asyncio.timeout(DEADLINE_S), backend.listen("42") as commits:
        before = backend.clock
        waited_for = asyncio.ensure_future(anext(commits))
        await asyncio.wait({waited_for}, timeout=0.1)  # as long as the backend takes
        truth = now()
        backend.sent.put_nowait(CommitReport(change="message", key="42", before=before))
        commit = await waited_for
    assert_holds(commit.committed, truth)
    assert commit.committed.low <= truth - 0.1
    assert commit.source == "the backend's stamp and its event"


async def test_without_any_stamp_word_of_one_commit_says_nothing_of_the_next() -> None:
    """Two are committed at the same time, and word of them comes one after the other."""
    backend = Told()
    began = now()
    async with asyncio.timeout(DEADLINE_S), backend.listen("42") as commits:
        truth = now()
        backend.sent.put_nowait(CommitReport(change="first", key="42"))
        first = await anext(commits)
        assert now() > truth
        backend.sent.put_nowait(CommitReport(change="second", key="42"))
        second = await anext(commits)
    for commit in (first, second):
        assert_holds(commit.committed, truth)
        assert commit.committed.low >= began
        assert commit.source == "its arrival alone"


async def test_polling_holds_the_commit_though_an_answer_without_it_was_under_way() -> None:
    answers, truths = [0, 0, 0], list[float]()

    async def ask(key: str) -> int:
        assert key == "42"
        answer = answers.pop() if answers else 1
        if not answers and not truths:
            truths.append(now())  # committed, as the last answer without it leaves
        return answer

    async with asyncio.timeout(DEADLINE_S), PolledCommits(ask, change="renamed").listen("42") as commits:
        commit = await anext(commits)
    assert (commit.change, commit.source) == ("renamed", "answers with and without it")
    assert_holds(commit.committed, truths[0])


# -- what goes wrong


async def test_stamps_of_another_clock_than_the_one_that_is_read_certify_nothing() -> None:
    backend = Told()
    async with asyncio.timeout(DEADLINE_S), backend.listen("42") as commits:
        backend.sent.put_nowait(CommitReport(change="message", key="42", before=backend.clock + 5))
        with pytest.raises(
            InfrastructureError, match=r"^Told: it says of a commit that it was \d+\.\d ms later"
        ):
            await anext(commits)


BREAKS: dict[str, tuple[Exception | None, str]] = {
    "it ends": (None, "Told: the backend's reports ended while they were listened to"),
    "its connection breaks": (OSError("reset\nby peer"), r"broke off \(OSError: reset by peer\)"),
    "a message lacks something": (KeyError("key"), r"broke off \(KeyError: 'key'\)"),
    "it says itself what is wrong": (InfrastructureError("no more licences"), "^no more licences$"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_stream_that_breaks_is_said_in_one_line(name: str) -> None:
    what, message = BREAKS[name]
    backend = Told()
    async with asyncio.timeout(DEADLINE_S), backend.listen("42") as commits:
        backend.sent.put_nowait(what)
        with pytest.raises(InfrastructureError, match=message) as raised:
            await anext(commits)
        assert "\n" not in str(raised.value)
    assert not backend.is_open


async def test_a_backend_that_is_not_there_is_said_in_one_line() -> None:
    class Nobody(Told):
        @asynccontextmanager
        async def connect(self, key: str) -> AsyncIterator[AsyncIterator[CommitReport]]:  # noqa: ARG002
            raise ConnectionRefusedError("nobody listens")
            yield  # a generator all the same

    message = (
        r"^Nobody: the backend can't be listened to \(ConnectionRefusedError: nobody listens\): is it run"
    )
    with pytest.raises(InfrastructureError, match=message):
        async with Nobody().listen("42"):
            pass


async def test_an_own_error_in_the_context_stays_what_it_is() -> None:
    backend = Told()
    with pytest.raises(ValueError, match="the journey's own"):
        async with backend.listen("42"):
            raise ValueError("the journey's own")
    assert not backend.is_open
