"""A surface: a place in somebody's app where a person's picture and name show, and who that person is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from flutter_bridge import ActionFailed, Finder, FlutterApp, Interval, by, now
from journeys.identifiers import Identifiers
from journeys.pictures import Picture, Recogniser

POLL_S = 0.05
"""Seconds between two reads: an app waits for a node, but what the node shows is for us to judge."""


@dataclass(slots=True, kw_only=True)
class Person:
    """Someone with an account.

    `name` and `picture` are what every surface must show at this moment; the runner keeps them in step with
    what the journey changes. `picture` is the backend's default avatar for people without one of their own.
    """

    id: str
    name: str
    email: str
    picture: Picture
    password: str = field(repr=False)
    token: str = field(repr=False)


class Onlooker(Protocol):
    """Someone with the app open before them, as a surface needs them."""

    name: str
    app: FlutterApp
    identifiers: Identifiers
    recogniser: Recogniser

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step of theirs."""
        ...

    async def expect_screen(
        self, name: str, *, mask: Sequence[Finder] = (), region: Finder | None = None
    ) -> None:
        """Hold what is on screen against its baseline."""
        ...

    async def arm_observers(self) -> None:
        """Get every observer of an open propagation ready, before the change is set off."""
        ...

    def record_action(self, action: str, received: Interval) -> None:
        """Record when the app received an action."""
        ...


class Surface:
    """A place in one onlooker's app where one person's picture and name show.

    `picture` and `title` are the identifiers of both; `{person}` in them stands for the person's id.
    """

    name: str
    """What reports call it: `header`, `profile screen`, `feed`."""

    def __init__(self, onlooker: Onlooker, person: Person, *, picture: str, title: str) -> None:
        self._onlooker = onlooker
        self._person = person
        self._ids = onlooker.identifiers
        self.picture_finder = by.identifier(picture.format(person=person.id))
        self.name_finder = by.identifier(title.format(person=person.id))

    @property
    def actor(self) -> str:
        """Who looks at it."""
        return self._onlooker.name

    @property
    def app(self) -> FlutterApp:
        """The app they use."""
        return self._onlooker.app

    @property
    def target(self) -> str:
        """The target on which they do."""
        return self.app.target

    @property
    def person_id(self) -> str:
        """Whose profile it shows."""
        return self._person.id

    @property
    def current_picture(self) -> Picture:
        """The picture it must show now."""
        return self._person.picture

    @property
    def current_name(self) -> str:
        """The name it must show now."""
        return self._person.name

    async def show(self) -> None:
        """Go there and bring the picture wholly on screen."""
        await self._go()
        await self.app.scroll_to(self.picture_finder)

    async def _go(self) -> None:
        """Go there; the header, on every screen, is where one already is."""

    async def expect(self, wanted: Picture | str, *, within: float = 10.0) -> None:
        """Check that a picture, or a name, is what the surface shows, waiting up to `within` seconds.

        Raises `ActionFailed` with what it shows instead.
        """
        # Not by its name, which differs from target to target: nightly runs are compared step by step.
        what = "the picture" if isinstance(wanted, Picture) else repr(wanted)
        with self._onlooker.step(f"{self.actor} sees {what} in the {self.name}"):
            await self.show()
            deadline = now() + within
            while (problem := await self._problem_with(wanted)) is not None:
                if now() >= deadline:
                    instead, why = problem
                    raise ActionFailed(f"{self.actor}'s {self.name} {instead} after {within:g} s{why}")
                await asyncio.sleep(POLL_S)

    async def expect_baseline(self, name: str = "", *, mask: Sequence[Finder] = ()) -> None:
        """Go there and hold the whole screen against its baseline, called like the surface if not otherwise.

        People's pictures are left out, and what else `mask` finds. A difference fails the journey at its end.
        """
        await self.show()
        await self._onlooker.expect_screen(name or self.name.replace(" ", "-"), mask=mask)

    async def _problem_with(self, wanted: Picture | str) -> tuple[str, str] | None:
        """Return what the surface shows instead, and why it is not what is wanted; None where it is."""
        if isinstance(wanted, str):
            text = (await self.app.find(self.name_finder)).text
            instead = f"shows {text!r} instead of {wanted!r} ({self.name_finder})"
            return None if text == wanted else (instead, "")
        seen = self._onlooker.recogniser.recognise(await self.crop(), wanted)
        instead = f"doesn't show {wanted.name} ({self.picture_finder})"
        return None if seen.same else (instead, f": {seen.reason}")

    async def crop(self) -> Image.Image:
        """Take a picture, in the screen's own pixels, of the box in which the person's picture shows."""
        # Each read is a request to a device: one tells both where the picture is and how wide the screen is.
        tree = await self.app.semantics()
        node = self.picture_finder.first_match_in(tree)
        if node is None or not node.visible:
            node = await self.app.find(self.picture_finder)
        screen = await self.app.screenshot()
        ratio = screen.width / tree.screen.width
        box = node.box
        left, top, right, bottom = (
            round(each * ratio) for each in (box.left, box.top, box.right, box.bottom)
        )
        return screen.crop((left, top, right, bottom))
