"""One attempt to download a picture that a provider has."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app_backend.errors import PictureRefused, TransientFailure
from app_backend.provider.sources import PictureSources
from app_backend.rendering import Submission

MAX_REDIRECTS = 3
SILENCE_S = 5.0
"""How long a provider may take for a connection, and be silent while we read."""

# Nothing about the person, and nothing packed: what is unpacked may be any number of times larger.
HEADERS = {"User-Agent": "app_backend", "Accept": "image/*", "Accept-Encoding": "identity"}


class ProviderUnavailable(TransientFailure):
    """A provider doesn't answer, or not now; `retry_after_s` is when it wants to be asked again."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PictureDownload:
    """Downloads pictures of at most `max_bytes`.

    It asks the transport itself: a client would keep cookies, follow redirects by rules of its own, and write
    whole addresses into the log.
    """

    def __init__(
        self, sources: PictureSources, transport: httpx.AsyncBaseTransport, *, max_bytes: int
    ) -> None:
        self._sources = sources
        self._transport = transport
        self._max_bytes = max_bytes

    async def read(self, url: httpx.URL, into: Submission) -> None:
        """Put a picture's bytes into a submission.

        Raises `ProviderUnavailable` where another attempt may help, else `PictureRefused`. What the provider
        says about its type and length is not asked for: the bytes are counted, and who reads them sees.
        """
        try:
            async with self._answer(url) as answer:
                _check_status(answer)
                async for piece in answer.aiter_raw():
                    into.append(piece)
                    if into.size > self._max_bytes:
                        raise PictureRefused(f"it has more than {self._max_bytes / 2**20:g} MiB")
        except httpx.TransportError as error:
            # Its text may be the provider's own.
            raise ProviderUnavailable(type(error).__name__) from error
        if not into.size:
            raise PictureRefused("the provider sent nothing")

    @asynccontextmanager
    async def _answer(self, url: httpx.URL) -> AsyncIterator[httpx.Response]:
        """Ask, go where redirects lead, each checked as the first address was, and yield the last answer."""
        for _ in range(MAX_REDIRECTS + 1):
            timeout = httpx.Timeout(SILENCE_S).as_dict()
            request = httpx.Request("GET", url, headers=HEADERS, extensions={"timeout": timeout})
            answer = await self._transport.handle_async_request(request)
            try:
                if not answer.has_redirect_location:
                    yield answer
                    return
                url = self._sources.check(answer.headers["Location"], base=url)
            finally:
                await answer.aclose()
        raise PictureRefused(f"it is redirected more than {MAX_REDIRECTS} times")


def _check_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in {408, 429} or status >= 500:
        asked = re.fullmatch(r"\d{1,9}", answer.headers.get("Retry-After", ""), re.ASCII)
        raise ProviderUnavailable(f"it answers {status}", float(asked[0]) if asked else None)
    if status != 200:
        raise PictureRefused(f"the provider answers {status}")
