"""Bodies of requests: how long, how slow and how many at once they may be, and JSON that is read strictly."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, NoReturn, Self

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.errors import Problem

LINGER_S = 2.0
LINGER_BYTES = 64 * 1024 * 1024

BODY_S = 10.0
"""How long a body that is no picture may take: it has 64 KiB at most."""


class WhileSending(JSONResponse):
    """Answers at once, then throws away what still comes, for a little while, and closes the connection.

    Closing with bytes unread makes the system reset the connection, and many senders never see the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        self.headers["Connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        # Who waits for leave to send ("Expect: 100-continue") has the answer now, and sends nothing.
        if "expect" not in Headers(scope=scope):
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await _throw_away(receive)
        await send({"type": "http.response.body", "body": b""})


async def _throw_away(receive: Receive) -> None:
    left = LINGER_BYTES
    more = True
    while more and left > 0:
        message = await receive()
        more = bool(message.get("more_body"))
        left -= len(message.get("body", b""))


class BodyLimit:
    """Middleware that lets nobody fill the memory, nor wait for ever.

    A body longer than `max_bytes` is answered with 413, and one that isn't there within `BODY_S` with 408.
    Paths that fit `except_for` look after themselves.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, except_for: re.Pattern[str]) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._except_for = except_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http" or self._except_for.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        left = self._max_bytes
        refused = complete = started = False
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BODY_S

        async def receive_and_count() -> Message:
            nonlocal left, refused, complete
            try:
                # Once the body is there, this is how the end of the connection is waited for.
                async with asyncio.timeout_at(None if complete or refused else deadline):
                    message = await receive()
            except TimeoutError as error:
                refused = True
                if started:
                    return {"type": "http.disconnect"}
                raise HTTPException(408) from error
            complete = not message.get("more_body")
            left -= len(message.get("body", b""))
            if left < 0 and not refused:
                # Once: whoever answers this may go on to read, and throw away, the rest.
                refused = True
                raise HTTPException(413)
            return message

        async def send_and_watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self.app(scope, receive_and_count, send_and_watch)


RETRY = {"Retry-After": "1"}

SILENCE_S = 10.0
"""How long a sender may send nothing in the middle of a body."""

BYTES_PER_S = 32 * 1024
"""What a body has to bring on average, the first seconds aside: 10 MiB in little more than five minutes."""


class Intake:
    """Bounds what may be under way at once.

    `uploads_per_person`: bodies of one person that are being read, or wait to be processed. `upload_bytes`:
    what all such bodies together may have brought so far. `streams` and `streams_per_address`: open event
    streams.
    """

    def __init__(
        self, *, uploads_per_person: int, upload_bytes: int, streams: int, streams_per_address: int
    ) -> None:
        self._uploads_per_person = uploads_per_person
        self._streams = streams
        self._streams_per_address = streams_per_address
        self._uploads_of: Counter[str] = Counter()
        self._streams_of: Counter[str] = Counter()
        self.bytes_left = upload_bytes

    def place(self, person: str) -> UploadPlace:
        """Return a person's place for one more upload; raises `Problem` (429) where there is none."""
        if self._uploads_of[person] >= self._uploads_per_person:
            raise Problem(
                429,
                f"{self._uploads_per_person} pictures of yours are under way: send the next when one is done",
                headers=RETRY,
            )
        return UploadPlace(self, self._uploads_of, person)

    @contextmanager
    def stream(self, address: str) -> Iterator[None]:
        """Count an event stream while the block lasts; raises `Problem`: 429 for too many from an address."""
        if self._streams_of[address] >= self._streams_per_address:
            raise Problem(429, "too many event streams are open from here", headers=RETRY)
        if self._streams_of.total() >= self._streams:
            raise Problem(503, "too many event streams are open", headers=RETRY)
        with _count(self._streams_of, address):
            yield


@contextmanager
def _count(counter: Counter[str], key: str) -> Iterator[None]:
    counter[key] += 1
    try:
        yield
    finally:
        counter[key] -= 1
        if not counter[key]:
            del counter[key]


class UploadPlace:
    """One upload under way: a context that holds the place, and what the upload has brought so far."""

    def __init__(self, intake: Intake, uploads_of: Counter[str], person: str) -> None:
        self._intake = intake
        self._counting = _count(uploads_of, person)
        self._bytes = 0

    def take(self, count: int) -> None:
        """Note that so many bytes came; raises `Problem` (503) where all uploads together have too many."""
        if count > self._intake.bytes_left:
            raise Problem(503, "too many pictures are under way: try again soon", headers=RETRY)
        self._intake.bytes_left -= count
        self._bytes += count

    def __enter__(self) -> Self:
        self._counting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._intake.bytes_left += self._bytes
        self._counting.__exit__(kind, error, trace)


async def read_in_time(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces of a body; raises `Problem` (408) where they come too slowly."""
    began, size = time.monotonic(), 0
    while True:
        patience_s = SILENCE_S + size / BYTES_PER_S - (time.monotonic() - began)
        try:
            async with asyncio.timeout(min(SILENCE_S, patience_s)):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            detail = "the request's body comes too slowly: send it again"
            raise Problem(408, detail, headers={"Connection": "close"}) from error
        size += len(piece)
        yield piece


class StrictJsonRoute(APIRoute):
    """A route whose JSON body is UTF-8, without doubled names, numbers that are none, or half characters."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request, with the strict reader in it."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        """Return the body's value; raises `HTTPException` (422)."""
        if not hasattr(self, "_value"):
            self._value = parse(await self.body())
        return self._value


def parse(body: bytes) -> Any:
    """Return what a JSON text says; raises `HTTPException` (422), or `JSONDecodeError` with the place."""
    try:
        text = body.decode()
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_read_finite
        )
        if "\\u" in text:
            # The only way for half of a pair to come in; it could be neither kept nor quoted in an answer.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise HTTPException(422, "the request's body is no JSON: it is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise HTTPException(422, "the request's body has half of a surrogate pair in it") from error
    except RecursionError as error:
        raise HTTPException(422, "the request's body is nested too deeply") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        # Of more digits than Python reads.
        raise HTTPException(422, "the request's body has a number in it that is far too long") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise HTTPException(422, "the request's body has a name in it twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise HTTPException(422, f"the request's body is no JSON: {name} is no number")


def _read_finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise HTTPException(422, "the request's body has a number in it that is far too large")
    return number
