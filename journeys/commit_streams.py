"""What a kit makes reports of commits of: messages that a backend sends, or answers that it gives."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from flutter_bridge import Interval, now, wall_offset
from journeys.commits import Commit
from journeys.documents import one_line
from journeys.errors import InfrastructureError, JourneysError
from journeys.remote_clock import RemoteClock

MOST_UNREAD = 10_000
"""Reports that may be left unread; more are waited with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitReport:
    """What a backend says of one commit, and of when it was.

    `change` and `key` are the `Commit`'s. `before` is what the backend's clock said just before the commit,
    and `after` once it was done, in Unix seconds; each may be unknown. `not_before` is a moment of `now()` at
    which it was certainly not committed.
    """

    change: str
    key: str
    before: float | None = None
    after: float | None = None
    not_before: float | None = None


class CommitStream(ABC):
    """A backend's reports of commits, in whatever way they come; a subclass says in `connect` how.

        class Socket(CommitStream):
            @asynccontextmanager
            async def connect(self, key):
                async with connect(f"{self.url}?key={key}") as socket:
                    yield (CommitReport(**json.loads(message)) async for message in socket)

    A commit is certain once word of it is here. It was no earlier than the backend's stamp; without one, than
    the moment at which listening began, as the arrival of one report says nothing of the next one's commit.
    """

    @abstractmethod
    def connect(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[CommitReport]]:
        """Have the backend report; nothing that is committed from then on may be missed.

        Reports about other keys are left out, so it may give all.
        """

    async def read_clock(self) -> RemoteClock | None:
        """Return the backend's clock, where it isn't this machine's; before each time that one listens."""
        return None

    def error(self, what: str) -> InfrastructureError:
        """Return the error that says what is wrong with the backend's reports."""
        return InfrastructureError(f"{type(self).__name__}: {what}")

    @asynccontextmanager
    async def listen(self, key: str) -> AsyncIterator[AsyncIterator[Commit]]:
        """Report the commits about a key while the context is open; see `Commits`."""
        reports: asyncio.Queue[Commit | JourneysError] = asyncio.Queue(MOST_UNREAD)
        async with AsyncExitStack() as stack:
            try:
                clock = await self.read_clock()
                began = now()
                messages = await stack.enter_async_context(self.connect(key))
            except JourneysError:
                raise
            except Exception as error:  # whatever a client of whatever protocol raises
                raise self.error(
                    f"the backend can't be listened to ({_reason(error)}): is it running?"
                ) from error
            reading = asyncio.ensure_future(self._read(messages, key, clock, began, reports))
            try:
                yield _commits(reports)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(
        self,
        messages: AsyncIterator[CommitReport],
        key: str,
        clock: RemoteClock | None,
        began: float,
        reports: asyncio.Queue[Commit | JourneysError],
    ) -> None:
        try:
            async for report in messages:
                arrived = now()
                if report.key == key:
                    committed = self._committed(report, clock, began, arrived)
                    await reports.put(
                        Commit(change=report.change, key=key, committed=committed, source=_source(report))
                    )
            await reports.put(self.error("the backend's reports ended while they were listened to"))
        except JourneysError as error:
            await reports.put(error)
        except Exception as error:  # noqa: BLE001 - whatever a client of whatever protocol raises
            await reports.put(self.error(f"the backend's reports broke off ({_reason(error)})"))

    def _committed(
        self, report: CommitReport, clock: RemoteClock | None, began: float, arrived: float
    ) -> Interval:
        def moment(stamp: float) -> Interval:
            return clock.moment(stamp, by=arrived) if clock else wall_offset() + Interval.at(stamp)

        low = began if report.not_before is None else report.not_before
        if report.before is not None:
            low = moment(report.before).low
        high = arrived if report.after is None else min(arrived, moment(report.after).high)
        if low > high:
            raise self.error(
                f"it says of a commit that it was {(low - high) * 1000:.1f} ms later than can be: "
                "its clock was set, or it isn't the one that is read"
            )
        return Interval(low, high)


class PolledCommits(CommitStream):
    """Commits of a backend that says nothing of itself: it is asked, and a new answer is a commit.

    `ask` returns what the backend answers about a key. A commit lies between the moment at which the last
    answer without it was asked for and the one with it.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[object]], *, pause: float = 0.02, change: str = "changed"
    ) -> None:
        self._ask = ask
        self._pause = pause
        self._change = change

    @asynccontextmanager
    async def connect(self, key: str) -> AsyncIterator[AsyncIterator[CommitReport]]:
        """Ask once, and then again and again."""
        asked = now()
        yield self._reports(key, asked, await self._ask(key))

    async def _reports(self, key: str, asked: float, answer: object) -> AsyncGenerator[CommitReport, None]:
        while True:
            # What is asked tells nobody of a change: that is why it is asked again.
            await asyncio.sleep(self._pause)
            asked_again, new = now(), await self._ask(key)
            if new != answer:
                yield CommitReport(change=self._change, key=key, not_before=asked)
            asked, answer = asked_again, new


def _source(report: CommitReport) -> str:
    """Return how the moment of a commit is known."""
    if report.before is None:
        return "answers with and without it" if report.not_before is not None else "its arrival alone"
    return "the backend's stamps" if report.after is not None else "the backend's stamp and its event"


def _reason(error: Exception) -> str:
    text = one_line(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


async def _commits(reports: asyncio.Queue[Commit | JourneysError]) -> AsyncIterator[Commit]:
    while True:
        item = await reports.get()
        if isinstance(item, JourneysError):
            raise item
        yield item
