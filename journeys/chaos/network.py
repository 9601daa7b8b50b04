"""A person's network and device, made worse: `async with alice.network.offline(): …`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from math import isfinite

from flutter_bridge import Driver, MockedAnswer, NetworkConditions, NotSupported
from journeys.errors import UsageError
from journeys.timeline import FaultEnded, FaultStarted

Begin = Callable[[], AbstractAsyncContextManager[None]]


class _Faulty:
    """Someone whose app's surroundings are broken; what a target can't do is refused with the reason."""

    def __init__(self, actor: str, driver: Driver, *, target: str, emit: Callable[..., None]) -> None:
        self._actor = actor
        self._driver = driver
        self._target = target
        self._emit = emit

    @asynccontextmanager
    async def _fault(self, words: str, begin: Begin) -> AsyncIterator[None]:
        described = f"{self._actor}{words}"
        try:
            context = begin()
            await context.__aenter__()
        except NotSupported as error:
            raise UsageError(f"{described}: not on {self._target}: {error}") from error
        self._emit(FaultStarted(fault=described))
        try:
            yield
        finally:
            await context.__aexit__(None, None, None)
            self._emit(FaultEnded(fault=described))


class Network(_Faulty):
    """A person's network; each fault ends with its scope."""

    def offline(self) -> AbstractAsyncContextManager[None]:
        """Have nothing come through: no request, and nothing over a connection that is open."""
        return self._worse(" is offline", NetworkConditions(offline=True))

    def slow(self, *, kbps: float, latency_ms: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Let so many thousand bits a second through, each request after so many milliseconds more."""
        if not (isfinite(kbps) and kbps > 0 and isfinite(latency_ms) and latency_ms >= 0):
            raise UsageError(f"slow(kbps={kbps}, latency_ms={latency_ms}): more than 0 kbps, 0 ms or more")
        words = f"'s network is slow ({kbps:g} kbit/s, {latency_ms:g} ms)"
        return self._worse(words, NetworkConditions(kbps=kbps, latency_ms=latency_ms))

    def lossy(self, share: float) -> AbstractAsyncContextManager[None]:
        """Have nothing come through for a share of the time, in short bursts."""
        if not 0 < share < 1:
            raise UsageError(f"lossy({share}): a share between 0 and 1, such as 0.2")
        return self._worse(f"'s network loses {share:.0%}", NetworkConditions(lost_share=share))

    def blocks(self, pattern: str) -> AbstractAsyncContextManager[None]:
        """Have requests to addresses of a pattern fail, such as `**/avatars/*`; on the web only."""
        return self._mock(pattern, MockedAnswer(), f"'s network blocks {pattern}")

    def answers(
        self, pattern: str, *, status: int = 200, body: str = "", media_type: str = "application/json"
    ) -> AbstractAsyncContextManager[None]:
        """Answer requests to addresses of a pattern in the server's place; on the web only."""
        if not 200 <= status <= 599:
            raise UsageError(f"answers({pattern!r}, status={status}): a status from 200 to 599")
        answer = MockedAnswer(status=status, body=body, media_type=media_type)
        return self._mock(pattern, answer, f" is answered {status} by {pattern}")

    def _mock(self, pattern: str, answer: MockedAnswer, words: str) -> AbstractAsyncContextManager[None]:
        if not pattern.strip():
            raise UsageError("a pattern of addresses is empty: write one such as **/avatars/*")
        return self._fault(words, lambda: self._driver.mock(pattern, answer))

    def _worse(self, words: str, conditions: NetworkConditions) -> AbstractAsyncContextManager[None]:
        return self._fault(words, lambda: self._driver.network(conditions))


class Device(_Faulty):
    """What a person holds, or sits before."""

    def in_background(self) -> AbstractAsyncContextManager[None]:
        """Have the app in the background; it is brought to the front again at the end."""
        return self._fault("'s app is in the background", self._driver.background)
