"""One of a crowd: asks a backend as an app of its own would, and notes what it waited."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from journeys.documents import UnreadableDocument, decode_any_json, quote_value
from journeys.errors import UsageError
from journeys.http_answers import send
from journeys.load.records import LoadRecord

ANSWER_LIMIT_S = 30.0
"""How long an answer may take; then the request has failed."""


class RequestFailed(Exception):
    """A request was refused or had no answer: it is noted, and ends the activity."""


class VirtualUser:
    """One of the crowd. `number` counts from 0, `random` is their own, `state` is the workload's to use.

    `headers` go along with each request: a token, once there is one.
    """

    def __init__(
        self, number: int, client: httpx.AsyncClient, *, record: Callable[[], LoadRecord], seed: int
    ) -> None:
        self.number = number
        self.random = random.Random(f"{seed} {number}")  # noqa: S311 - repeats itself on purpose
        self.state: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self._client = client
        self._record = record

    async def request(
        self,
        method: str,
        path: str,
        *,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> bytes:
        """Send a request and return the answer's body; raises `RequestFailed` where that is an error.

        `name` is what it is counted under, where the path is another each time. `content` is httpx's: `json`,
        `content`, `params`.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise UsageError(f"{method} {quote_value(path)}: a path on the target, which starts with one /")
        label = name or f"{method} {path.partition('?')[0]}"
        began, failure, timing, body = time.perf_counter(), "", "", b""
        try:
            answer = await send(
                self._client,
                method,
                path,
                seconds=ANSWER_LIMIT_S,
                headers={**self.headers, **(headers or {})},
                **content,
            )
        except httpx.HTTPError as error:
            failure = type(error).__name__
        else:
            body, timing = answer.body, answer.response.headers.get("Server-Timing", "")
            failure = str(answer.response.status_code) if answer.response.is_error else ""
        self._record().add(label, time.perf_counter() - began, failure=failure, timing=timing)
        if failure:
            raise RequestFailed(f"{label}: {failure}")
        return body

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request as `request` does, and return what its JSON holds."""
        body = await self.request(method, path, **options)
        try:
            return decode_any_json(body)
        except UnreadableDocument as error:
            raise RequestFailed(f"{method} {path}: {error}") from error
