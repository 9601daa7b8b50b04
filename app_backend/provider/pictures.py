"""Pictures of new people, fetched from their providers in the background."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from typing import Literal, Protocol

import httpx

from app_backend.database import Database
from app_backend.errors import PictureRefused, Problem, TransientFailure
from app_backend.observability import detach_request
from app_backend.provider.addresses import CheckedTransport, Resolve, Resolver
from app_backend.provider.download import PictureDownload
from app_backend.provider.sources import PictureSources, host_of
from app_backend.rendering import Submission
from app_backend.resilience import (
    AttemptFailed,
    Breaker,
    CircuitOpen,
    GivenUp,
    Listener,
    RetryPolicy,
    SharedBreaker,
)

log = logging.getLogger(__name__)

MAX_UNDER_WAY = 100
"""How many pictures may be fetched or wait for it; the next ones aren't."""

Outcome = Literal["shown", "refused", "failed", "dropped"]
LOST_S = 15.0
"""How much longer than fetching a picture may take we wait for the word of who tries a provider again."""


class Show(Protocol):
    """Shows a picture as a person's."""

    async def __call__(self, person_id: uuid.UUID, submission: Submission, *, only_first: bool) -> object:
        """Raise `Problem` where it can't be used or, with `only_first`, where they show one already."""


def provider_breakers(
    database: Database,
    hosts: Iterable[str],
    *,
    threshold: int,
    cooldown_s: float,
    total_s: float,
    listener: Listener,
    name: str = "provider",
) -> dict[str, Breaker]:
    """Return a breaker for each host, which all processes on a database share."""
    return {
        host: SharedBreaker(
            database,
            f"{name} {host}",
            threshold=threshold,
            cooldown_s=cooldown_s,
            trial_s=total_s + LOST_S,
            # An answer that is no picture is one.
            spare=(PictureRefused,),
            listener=listener,
        )
        for host in hosts
    }


class ProviderPictures:
    """Fetches pictures from providers and shows them; nobody waits for it, and nobody hears of a failure.

    At most `at_once` are fetched at once, each in `total_s` seconds with all its attempts. Each host has a
    breaker of its own. It is tried once: what isn't done when the process ends is not done at all, and the
    person has the default avatar until they choose a picture.
    """

    def __init__(
        self,
        sources: PictureSources,
        show: Show,
        *,
        max_bytes: int,
        retries: RetryPolicy,
        breakers: Mapping[str, Breaker],
        total_s: float,
        at_once: int,
        listener: Listener,
        count: Callable[[Outcome], None],
        resolve: Resolve | None = None,
        deadline: Callable[[float], asyncio.Timeout] = asyncio.timeout,
    ) -> None:
        self.breakers = breakers
        self._sources = sources
        self._show = show
        self._max_bytes = max_bytes
        self._retries = retries
        self._total_s = total_s
        self._at_once = at_once
        self._places = asyncio.Semaphore(at_once)
        self._listener = listener
        self._count = count
        self._resolve = resolve
        self._deadline = deadline
        self._begin: Callable[[uuid.UUID, httpx.URL], asyncio.Task[None]] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Fetch pictures while the block runs; what is still under way at its end is given up."""
        if not self._sources.hosts:
            yield
            return
        with closing(Resolver(threads=self._at_once)) as system:
            resolve = self._resolve or system
            async with (
                CheckedTransport(resolve, self._sources.allows) as transport,
                asyncio.TaskGroup() as group,
            ):
                download = PictureDownload(self._sources, transport, max_bytes=self._max_bytes)
                self._begin = lambda person_id, url: group.create_task(self._run(download, person_id, url))
                try:
                    yield
                finally:
                    self._begin = None
                    for task in self._under_way:
                        task.cancel()

    def check(self, picture_url: str) -> httpx.URL:
        """Return the address of a picture that may be fetched; raises `PictureRefused`. Asks nobody."""
        return self._sources.check(picture_url)

    def fetch(self, person_id: uuid.UUID, url: httpx.URL) -> None:
        """Begin to fetch a picture, whose address was checked."""
        if self._begin is None or len(self._under_way) >= MAX_UNDER_WAY:
            log.warning("a picture at %s is not fetched: too many are under way", host_of(url))
            self._count("dropped")
            return
        task = self._begin(person_id, url)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _run(self, download: PictureDownload, person_id: uuid.UUID, url: httpx.URL) -> None:
        detach_request()
        host = host_of(url)
        outcome: Outcome = "failed"
        try:
            async with self._places:
                await self._fetch(download, person_id, url)
        except PictureRefused as error:
            outcome = "refused"
            log.warning("a picture at %s is not taken: %s", host, error)
        except Problem as error:
            outcome = "refused" if error.status < 500 else "failed"
            log.warning("a picture at %s can't be shown: %s", host, error)
        except (CircuitOpen, TransientFailure, TimeoutError) as error:
            log.warning("a picture at %s can't be fetched: %s", host, str(error) or type(error).__name__)
        except Exception:
            # Whatever it is, the backend must not end for it.
            log.exception("a picture at %s can't be fetched", host)
        else:
            outcome = "shown"
        self._count(outcome)

    async def _fetch(self, download: PictureDownload, person_id: uuid.UUID, url: httpx.URL) -> None:
        breaker = self.breakers[host_of(url)]
        attempts = 0
        with ExitStack() as submissions:

            async def attempt() -> Submission:
                nonlocal attempts
                attempts += 1
                submission = submissions.enter_context(Submission(str(person_id)))
                try:
                    await download.read(url, submission)
                except TransientFailure as error:
                    self._listener(AttemptFailed(breaker.name, attempts, str(error)))
                    raise
                return submission

            try:
                async with breaker.guard(), self._deadline(self._total_s):
                    submission = await self._retries.call(attempt)
            except (TransientFailure, TimeoutError) as error:
                self._listener(GivenUp(breaker.name, attempts, type(error).__name__))
                raise
            await self._show(person_id, submission, only_first=True)
