"""Tells a provider's own pages how the journeys of a session went: a cloud sees commands, not verdicts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from flutter_bridge import BridgeError
from flutter_bridge.appium import AppiumSession
from journeys.farm.providers import mark

PATIENCE = 10.0
"""Seconds a mark may take: nothing waits for it but the next journey."""


@dataclass(frozen=True, slots=True)
class Played:
    """A journey that is played; `failed` says how it went, None where it was cut short.

    `test` tells its runs apart; another attempt at one of them takes the last one's place.
    """

    journey: str
    failed: Callable[[], bool | None]
    test: str = ""


class Marking:
    """The marks of a run's sessions, each of which is there for one journey after the other.

    A session passed when all of its journeys did.
    """

    def __init__(self) -> None:
        self._played: dict[str, dict[tuple[str, str], bool]] = {}

    async def mark(self, session: AppiumSession, provider: str | None, played: Played) -> None:
        """Mark a session after one more journey where its provider has marks; one refused costs nothing."""
        failed = played.failed()
        if provider is None or failed is None or session.lost:
            return
        journeys = self._played.setdefault(session.id, {})
        journeys[played.journey, played.test] = failed
        broken = dict.fromkeys(journey for (journey, _), did in journeys.items() if did)
        passed = dict.fromkeys(journey for journey, _ in journeys)
        reason = f"did not pass: {', '.join(broken)}" if broken else f"passed: {', '.join(passed)}"
        script = mark(provider, passed=not broken, reason=reason)
        if script is not None:
            with suppress(BridgeError):
                await session.script(script, seconds=PATIENCE)
