"""Reads HTTP answers within bounds: of their size, and of the time that all of an answer may take.

A client's own time-outs are for each piece: a server that sends a byte now and then, or never ends, has it
wait for ever, and what it is sent fills the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx

from flutter_bridge import is_loopback

T = TypeVar("T")

MOST_BYTES: Final = 64 * 2**20
"""Of an answer, where its reader says nothing else."""

LONGEST_EVENT: Final = 2**20
"""Bytes of one event of an event stream, or of what stands between two."""


class AnswerTooLong(httpx.HTTPError):
    """An answer, or an event of a stream, has more bytes than it may have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its head as httpx has it, and its body."""

    response: httpx.Response
    body: bytes


async def send(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    seconds: float,
    most: int = MOST_BYTES,
    cut: bool = False,
    **request: Any,
) -> Answer:
    """Send a request and read the answer, all of it within `seconds` and `most` bytes of body.

    With `cut` a longer body is cut there. Raises httpx's errors, `AnswerTooLong` among them; a time that is
    over is `httpx.ReadTimeout`.
    """
    # A compressed answer could be small on its way and large here.
    headers = {"Accept-Encoding": "identity", **request.pop("headers", {})}
    try:
        async with (
            asyncio.timeout(seconds),
            client.stream(method, url, headers=headers, **request) as response,
        ):
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > most and cut:
                    del body[most:]
                    break
                if len(body) > most:
                    raise AnswerTooLong(f"it answers with more than {most / 2**20:g} MiB")
            return Answer(response, bytes(body))
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"no whole answer within {seconds:g} s") from error


def get(
    url: str,
    *,
    seconds: float,
    most: int = MOST_BYTES,
    auth: tuple[str, str] | None = None,
    follow_redirects: bool = False,
) -> Answer:
    """Ask for an address where there is no event loop; a body is cut after `most` bytes. See `send`."""

    async def ask() -> Answer:
        async with _client(url, seconds, follow_redirects=follow_redirects) as client:
            return await send(client, "GET", url, seconds=seconds, most=most, cut=True, auth=auth)

    return _run(ask())


def status(url: str, *, seconds: float) -> int:
    """Return the status that an address answers with, where there is no event loop; its body is not read.

    Raises httpx's errors; a time that is over is `httpx.ReadTimeout`.
    """

    async def ask() -> int:
        try:
            async with (
                asyncio.timeout(seconds),
                _client(url, seconds) as client,
                client.stream("GET", url) as response,
            ):
                return response.status_code
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer within {seconds:g} s") from error

    return _run(ask())


def is_refused(error: BaseException) -> bool:
    """Whether an error comes of nobody listening at the address."""
    seen: list[BaseException] = [error]
    for each in seen:
        if isinstance(each, ConnectionRefusedError):
            return True
        inner = [*each.exceptions] if isinstance(each, BaseExceptionGroup) else []
        seen += [cause for cause in (each.__cause__, each.__context__, *inner) if cause and cause not in seen]
    return False


def _client(url: str, seconds: float, *, follow_redirects: bool = False) -> httpx.AsyncClient:
    # A proxy for the world outside knows nothing of this host: it is asked for others only.
    return httpx.AsyncClient(
        trust_env=not is_loopback(url), timeout=seconds, follow_redirects=follow_redirects
    )


def _run(asking: Coroutine[Any, Any, T]) -> T:
    # In a thread of its own, as the caller's may have a loop that runs.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asking).result()


class BoundedEvents(httpx.AsyncByteStream):
    """The body of an event stream in which no event, and nothing between two, is longer than it may be."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body's pieces; raises `AnswerTooLong`."""
        length, tail = 0, b""
        async for piece in self._stream:
            text = (tail + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            end = text.rfind(b"\n\n")
            length = len(text) - end - 2 if end >= 0 else length + len(piece)
            if length > LONGEST_EVENT:
                raise AnswerTooLong(f"one of its events has more than {LONGEST_EVENT / 2**20:g} MiB")
            tail = piece[-3:]
            yield piece

    async def aclose(self) -> None:
        """Close the body."""
        await self._stream.aclose()
