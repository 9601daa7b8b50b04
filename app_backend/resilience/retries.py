"""Retries: what may pass is tried again, after waits that grow and are spread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from stamina import AsyncRetryingCaller
from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

from app_backend.errors import TransientFailure
from app_backend.resilience.contracts import RetryPolicy

T = TypeVar("T")

# By default stamina prints through structlog, configured or not, and counts in a registry of its own.
set_on_retry_hooks([LoggingOnRetryHook])


@dataclass(frozen=True)
class Retries(RetryPolicy):
    """Calls something again while it raises `TransientFailure`; any other error is final at once.

    At most `attempts` calls, and none begins later than `within_s` seconds after the first. Between two of
    them lies a wait that doubles from `first_wait_s` up to `longest_wait_s`, and up to `jitter_s` more by
    chance, so that those who failed together don't come back together. An error that says how long to wait is
    heeded up to `longest_wait_s`; where it asks for more it is final, as nobody waits for so long.

    This is stamina, which is tenacity with what we'd have to remember set right: only the errors that are
    named are retried, waits grow and are spread, attempts and time are bounded, and the log has each retry.
    """

    attempts: int = 3
    within_s: float = 15.0
    first_wait_s: float = 0.05
    longest_wait_s: float = 1.0
    jitter_s: float = 0.1

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Return what `function` returns; raises its last error."""
        caller = AsyncRetryingCaller(
            attempts=self.attempts,
            timeout=self.within_s,
            wait_initial=self.first_wait_s,
            wait_max=self.longest_wait_s,
            wait_jitter=self.jitter_s,
        )
        return await caller(self._wait_after, function)

    def _wait_after(self, error: Exception) -> bool | float:
        """Return whether to call again after an error or, where it says so, after how many seconds."""
        if not isinstance(error, TransientFailure):
            return False
        asked_s = error.retry_after_s
        if asked_s is None:
            return True
        return asked_s if asked_s <= self.longest_wait_s else False
