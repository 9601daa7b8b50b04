"""The same calls by `AppiumApp` and by the plain client: on one stand-in, in one session, in turn."""

from __future__ import annotations

import asyncio
import itertools
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from benches._appium_place import Place
from benches._appium_plain import PlainPhone
from flutter_bridge import by, now
from flutter_bridge.appium import AppiumApp
from journeys.devices.sessions import STAND_IN_LINKS
from journeys.profile import Member

PEOPLE: Final = 12
"""How many have a post in the feed: more than a screen holds."""

OURS, PLAIN, BARE = "ours", "plain", "bare"
QUIET: Final = 0.4
"""Seconds that the app is given to come to rest before a call is timed."""

Ours = Callable[[], Awaitable[object]]
Plain = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call: how to get ready for it, ours, the plain one, and the plain one without waits and checks.

    `then` is the identifier of what is there once the app has followed.
    """

    name: str
    ready: Ours
    ours: Ours
    plain: Plain
    bare: Plain | None = None
    then: str | None = None


@dataclass(frozen=True)
class Timed:
    """One call done once: its seconds, and how many requests it took."""

    seconds: float
    sent: int


Round = dict[str, Timed]
"""What one round of a case took, by who did it."""


class Calls:
    """One member's app on a stand-in, and the plain client in the same session."""

    def __init__(
        self, actor: Member, app: AppiumApp, phone: PlainPhone, *, near: str, far: str, other: str
    ) -> None:
        self._app = app
        self._phone = phone
        self._ids = actor.identifiers
        self._near = near
        self._far = far
        self._other = other
        self._texts = (f"Alice {number}" for number in itertools.count(1))

    def cases(self) -> list[Case]:
        """Return every call that is compared."""
        app, phone, ids = self._app, self._phone, self._ids
        link = ids.profile_link.format(person=self._other)

        async def opened() -> None:
            await app.open(link)
            await app.find(by.identifier(ids.profile_avatar))

        return [
            Case(
                name="find",
                ready=self._in_feed,
                ours=lambda: app.find(by.identifier(ids.header_avatar)),
                plain=lambda: phone.find(ids.header_avatar),
                bare=lambda: phone.bare_find(ids.header_avatar),
            ),
            Case(
                name="tap",
                ready=self._in_feed,
                ours=lambda: app.tap(by.identifier(ids.header_profile)),
                plain=lambda: phone.tap(ids.header_profile),
                bare=lambda: phone.bare_tap(ids.header_profile),
                then=ids.profile_avatar,
            ),
            Case(
                name="enter_text",
                ready=self._unfocused,
                ours=lambda: app.enter_text(by.identifier(ids.profile_name_field), next(self._texts)),
                plain=lambda: phone.enter_text(ids.profile_name_field, next(self._texts)),
                bare=lambda: phone.bare_enter_text(ids.profile_name_field, next(self._texts)),
            ),
            Case(
                name="scroll_to",
                ready=self._at_top,
                ours=lambda: app.scroll_to(by.identifier(self._far)),
                plain=lambda: phone.scroll_to(self._far),
            ),
            Case(
                name="semantics",
                ready=self._in_feed,
                ours=app.semantics,
                plain=phone.source,
                bare=phone.bare_source,
            ),
            Case(
                name="screenshot",
                ready=self._in_feed,
                ours=app.screenshot,
                plain=phone.screenshot,
                bare=phone.bare_screenshot,
            ),
            Case(
                name="open",
                ready=self._in_feed,
                ours=opened,
                plain=lambda: phone.open(f"{STAND_IN_LINKS}/{link.lstrip('/')}", ids.profile_avatar),
            ),
            Case(name="back", ready=self._away, ours=app.back, plain=phone.back, then=ids.feed),
        ]

    async def measured(self, case: Case, *, rounds: int) -> list[Round]:
        """Do a call by turns, whoever is first changing; the first round of each warms up and is left out."""
        done: list[Round] = []
        for number in range(rounds + 1):
            who = [OURS, PLAIN, *([BARE] if case.bare is not None else [])]
            if number % 2:
                who.reverse()
            done.append({each: await self._timed(case, each) for each in who})
        return done[1:]

    async def _timed(self, case: Case, who: str) -> Timed:
        await case.ready()
        await asyncio.sleep(QUIET)
        # As in a journey, where one call follows the other: the screen was read just now.
        await self._app.semantics()
        timed = await self._done(case, who)
        if case.then is not None:
            await self._app.find(by.identifier(case.then))
        return timed

    async def _done(self, case: Case, who: str) -> Timed:
        if who == OURS:
            sent, began = self._app.session.sent_count, now()
            await case.ours()
            return Timed(now() - began, self._app.session.sent_count - sent)
        call = case.bare if who == BARE and case.bare is not None else case.plain
        sent = self._phone.sent
        seconds = await asyncio.to_thread(_seconds, call)
        return Timed(seconds, self._phone.sent - sent)

    async def _in_feed(self) -> None:
        feed = by.identifier(self._ids.feed)
        if feed.first_match_in(await self._app.semantics()) is None:
            await self._app.tap(by.identifier(self._ids.header_feed))
        await self._app.find(feed)

    async def _unfocused(self) -> None:
        await self._in_feed()
        await self._app.tap(by.identifier(self._ids.header_profile))
        await self._app.find(by.identifier(self._ids.profile_name_field))

    async def _at_top(self) -> None:
        # Coming back to it shows the feed from its beginning.
        await self._app.tap(by.identifier(self._ids.header_profile))
        await self._app.find(by.identifier(self._ids.profile_avatar))
        await self._in_feed()
        await self._app.find(by.identifier(self._near))

    async def _away(self) -> None:
        await self._in_feed()
        await self._app.open(self._ids.profile_link.format(person=self._other))
        await self._app.find(by.identifier(self._ids.profile_avatar))


@asynccontextmanager
async def open_calls(place: Place) -> AsyncIterator[Calls]:
    """Sign a member in, in front of a feed that is longer than the screen."""
    people = [await place.backend.create_person(f"Person {number}") for number in range(PEOPLE)]
    for person in people:
        await place.backend.write_post(person, f"I am {person.name}, and this is what I have to say today")
    async with place.cast() as cast:
        alice = await cast.member("alice")
        if not isinstance(alice.app, AppiumApp):
            raise TypeError("the calls compared are those of AppiumApp")
        phone = PlainPhone(alice.app.session)
        try:
            far, near = (alice.identifiers.post_text.format(person=people[each].id) for each in (0, -1))
            yield Calls(alice, alice.app, phone, near=near, far=far, other=people[-1].id)
        finally:
            phone.close()


def ratio(rounds: Sequence[Round], who: str = PLAIN) -> float:
    """Return the median of ours over theirs, by pairs."""
    return statistics.median(each[OURS].seconds / each[who].seconds for each in rounds)


def _seconds(call: Plain) -> float:
    began = now()
    call()
    return now() - began
