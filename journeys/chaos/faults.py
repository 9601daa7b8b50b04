"""Faults by their names: of a backend over HTTP, or any other asynchronous context manager."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx

from flutter_bridge import is_loopback, is_web_address
from journeys.chaos.leftovers import Leftovers
from journeys.documents import one_line
from journeys.errors import InfrastructureError, UsageError, name_nearest
from journeys.http_answers import send
from journeys.timeline import FaultEnded, FaultStarted, Timeline

ANSWER_S = 10.0
"""How long a backend may take to begin or end a fault."""

Fault = Callable[..., AbstractAsyncContextManager[None]]
"""Begins with its context and ends with it; takes what it can be armed with by name."""


class _Refused(UsageError):
    """A backend takes no such fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFault:
    """A fault that any backend begins at one request and ends at another: `on="PUT /faults/slow"`.

    `at` is the backend's address. What the fault is called with is the body of the first, as JSON. `headers`
    go with both; they may hold a token, and are written nowhere.
    """

    at: str
    on: str
    off: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    leftovers: Leftovers | None = None

    def __post_init__(self) -> None:
        """Refuse what is no request."""
        for request in (self.on, self.off):
            method, _, path = request.partition(" ")
            if not (method.isalpha() and method.isupper() and is_web_address(urljoin(self.at, path))):
                raise UsageError(f'{request!r} is no request: write on="PUT /faults/slow" and at="http://…"')

    @asynccontextmanager
    async def __call__(self, **arguments: object) -> AsyncIterator[None]:
        """Begin the fault, and end it with the context."""
        method, _, path = self.off.partition(" ")
        url = urljoin(self.at, path)
        note = None if self.leftovers is None else self.leftovers.note(self.on, method=method, url=url)
        try:
            await self._send(self.on, dict(arguments))
        except _Refused:
            _forget(note)  # there is nothing to end
            raise
        except BaseException:
            # It may have been carried out although nothing came back.
            await self._end(note)
            raise
        try:
            yield
        finally:
            await self._end(note)

    async def _end(self, note: Path | None) -> None:
        # One that can't be ended stays in its note, for the next run.
        await self._send(self.off, None)
        _forget(note)

    async def _send(self, request: str, body: object) -> None:
        method, _, path = request.partition(" ")
        url = urljoin(self.at, path)
        try:
            async with httpx.AsyncClient(trust_env=not is_loopback(url), headers=self.headers) as client:
                answer = await send(
                    client, method, url, seconds=ANSWER_S, most=64 * 1024, cut=True, json=body
                )
        except httpx.HTTPError as error:
            raise InfrastructureError(
                f"{request}: the backend at {self.at} does not answer: {error}"
            ) from error
        if not answer.response.is_success:
            words = one_line(answer.body.decode("utf-8", "replace"))[:200]
            raise _Refused(
                f"{request}: the backend refuses the fault ({answer.response.status_code}): {words}"
            )


def _forget(note: Path | None) -> None:
    if note is not None:
        note.unlink(missing_ok=True)


class Faults:
    """The faults of a cast, each by its name: `async with cast.faults.storage_slow(delay_ms=500): …`."""

    def __init__(self, known: Mapping[str, Fault], *, timeline: Timeline) -> None:
        self._known = dict(known)
        self._timeline = timeline

    def __dir__(self) -> list[str]:
        """Name the faults there are."""
        return sorted(self._known)

    def __getattr__(self, name: str) -> Fault:
        """Return a fault; raises `UsageError` with the nearest where there is none of the name."""
        if name.startswith("__"):
            raise AttributeError(name)
        fault = self._known.get(name)
        if fault is None:
            hint = name_nearest(name, self._known)
            hint = hint if self._known else "this cast has none: give it some, and a backend that allows them"
            raise UsageError(f"there is no fault {name!r}: {hint}")

        @asynccontextmanager
        async def begin(**arguments: object) -> AsyncIterator[None]:
            words = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            described = f"{name.replace('_', ' ')}{f' ({words})' if words else ''}"
            try:
                async with fault(**arguments):
                    self._timeline.emit(FaultStarted(fault=described))
                    yield
            finally:
                self._timeline.emit(FaultEnded(fault=described))

        return begin
