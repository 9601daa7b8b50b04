"""The avatar journey on three stand-ins, against the straightforward script that does the same, in turn."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from benches._appium_place import Place
from benches._appium_plain import PlainPhone, change_picture
from flutter_bridge import now
from journeys.pictures import PictureBook
from journeys.profile.pictures import new_avatar_reaches_every_surface
from journeys.propagation import BudgetMissed, Inconclusive
from journeys.timeline import VerdictReached

APPS = 3


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both done once: seconds, and requests to Appium."""

    journey_s: float
    plain_s: float
    journey_sent: int
    plain_sent: int
    verdicts: list[str]

    @property
    def ratio(self) -> float:
        """The journey's time over the script's."""
        return self.journey_s / self.plain_s


async def pairs(place: Place, *, number: int) -> list[Pair]:
    """Do both by turns in the same sessions, whoever is first changing; the first pair warms up."""
    await _journey(place)
    with ExitStack() as opened:
        phones = [opened.enter_context(closing(PlainPhone(session))) for session in place.sessions[:APPS]]
        await _plain(place, phones)
        return [await _pair(place, phones, journey_first=each % 2 == 0) for each in range(number)]


async def _pair(place: Place, phones: Sequence[PlainPhone], *, journey_first: bool) -> Pair:
    if journey_first:
        journey = await _journey(place)
        plain = await _plain(place, phones)
    else:
        plain = await _plain(place, phones)
        journey = await _journey(place)
    pair = Pair(
        journey_s=journey.seconds,
        plain_s=plain[0],
        journey_sent=journey.sent,
        plain_sent=plain[1],
        verdicts=journey.verdicts,
    )
    print(
        f"  {pair.journey_s:6.2f} s and {pair.journey_sent:3} requests the journey, "
        f"{pair.plain_s:6.2f} s and {pair.plain_sent:3} the script; {', '.join(sorted(set(pair.verdicts)))}"
    )
    return pair


@dataclass(frozen=True, kw_only=True)
class _Journey:
    seconds: float
    sent: int
    verdicts: list[str]


async def _journey(place: Place) -> _Journey:
    sent, began = place.sent, now()
    async with place.cast() as cast:
        # A machine that is too busy makes the app late, or the interval wide: told, and no failure here.
        try:
            await new_avatar_reaches_every_surface(cast, PictureBook())
        except (BudgetMissed, Inconclusive) as late:
            print(f"  {late}")
        reached = [str(event.verdict) for event in cast.timeline.events_of(VerdictReached)]
    return _Journey(seconds=now() - began, sent=place.sent - sent, verdicts=reached)


async def _plain(place: Place, phones: Sequence[PlainPhone]) -> tuple[float, int]:
    sent = sum(phone.sent for phone in phones)
    with tempfile.TemporaryDirectory() as folder:
        seconds = await asyncio.to_thread(_seconds, phones, place.backend_url, Path(folder))
    return seconds, sum(phone.sent for phone in phones) - sent


def _seconds(phones: Sequence[PlainPhone], backend_url: str, folder: Path) -> float:
    began = now()
    change_picture(phones, backend_url, PictureBook(), folder)
    return now() - began
