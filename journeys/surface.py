"""A surface: a place in somebody's app that is looked at, and what it is held against."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from flutter_bridge import ActionFailed, Finder, FlutterApp, now
from journeys.pictures import Picture, Recogniser

if TYPE_CHECKING:
    from PIL import Image

    from journeys.commits import Commit

POLL_S = 0.05
"""Seconds between two reads: an app waits for a node, but what the node shows is for us to judge."""


class Onlooker(Protocol):
    """Someone with the app open before them, as a surface needs them."""

    @property
    def name(self) -> str:
        """What the journey calls them."""
        ...

    @property
    def app(self) -> FlutterApp:
        """The app they use."""
        ...

    @property
    def recogniser(self) -> Recogniser:
        """What recognises pictures."""
        ...

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step of theirs."""
        ...

    def navigation(self) -> AbstractContextManager[None]:
        """Have what is done inside be no action of the journey: one only goes somewhere."""
        ...

    async def expect_screen(
        self, name: str, *, mask: Sequence[Finder] = (), region: Finder | None = None
    ) -> None:
        """Hold what is on screen against its baseline."""
        ...

    async def arm_observers(self) -> None:
        """Get every observer of an open propagation ready, before the change is set off."""
        ...


class Place(Protocol):
    """Where a surface is, such as a `Screen`: how one gets there."""

    async def show(self) -> None:
        """Go there, unless one is there."""
        ...


class Surface:
    """A place in one actor's app that a finder finds, with what it shows now as far as that is known.

    `name` is what reports call it. `screen` is where it is; without one it is on every screen. `key` is what
    a backend's commits are about that change it; without one no commit is waited for. `shows` is the picture
    that it shows now, where that is known.

    A subclass may find each kind of content at a place of its own (`finder_for`), and know more of what
    changes it (`is_changed_by`).
    """

    def __init__(
        self,
        onlooker: Onlooker,
        name: str,
        finder: Finder,
        *,
        screen: Place | None = None,
        key: str | None = None,
        shows: Picture | None = None,
    ) -> None:
        self._onlooker = onlooker
        self._screen = screen
        self.name = name
        self.finder = finder
        self.key = key
        self.shows = shows

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} of {self.actor}>"

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

    def finder_for(self, wanted: object) -> Finder:  # noqa: ARG002 - for who has several places
        """Return what finds the place where something of the kind of `wanted` shows."""
        return self.finder

    def current(self, wanted: object) -> object | None:
        """Return what of the kind of `wanted` it must show now; None where nobody knows."""
        return self.shows if isinstance(wanted, Picture) else None

    def is_changed_by(self, commit: Commit, wanted: object) -> bool:  # noqa: ARG002 - for who knows more
        """Whether a commit about its key may have led to what is wanted."""
        return True

    async def show(self) -> None:
        """Go there and bring it wholly on screen."""
        await self.go()
        await self._bring(self.finder)

    async def go(self) -> None:
        """Go to the screen it is on."""
        if self._screen is not None:
            await self._screen.show()

    async def _bring(self, finder: Finder) -> None:
        with self._onlooker.navigation():
            await self.app.scroll_to(finder)

    async def expect(self, wanted: Picture | str, *, within: float = 10.0) -> None:
        """Check that a picture, or a text, is what the surface shows, waiting up to `within` seconds.

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

        What differs in each run is left out, and what else `mask` finds. A difference fails the journey at
        its end.
        """
        await self.show()
        await self._onlooker.expect_screen(name or self.name.replace(" ", "-"), mask=mask)

    async def _problem_with(self, wanted: Picture | str) -> tuple[str, str] | None:
        """Return what the surface shows instead, and why it is not what is wanted; None where it is."""
        finder = self.finder_for(wanted)
        if isinstance(wanted, str):
            text = (await self.app.find(finder)).text
            instead = f"shows {text!r} instead of {wanted!r} ({finder})"
            return None if text == wanted else (instead, "")
        seen = self._onlooker.recogniser.recognise(await self.crop(finder), wanted)
        instead = f"doesn't show {wanted.name} ({finder})"
        return None if seen.same else (instead, f": {seen.reason}")

    async def crop(self, finder: Finder | None = None) -> Image.Image:
        """Take a picture, in the screen's own pixels, of the box of the node that is found."""
        finder = finder or self.finder
        # Each read is a request to a device: one tells both where the node is and how wide the screen is.
        tree = await self.app.semantics()
        node = finder.first_match_in(tree)
        if node is None or not node.visible:
            node = await self.app.find(finder)
        screen = await self.app.screenshot()
        ratio = screen.width / tree.screen.width
        box = node.box
        left, top, right, bottom = (
            round(each * ratio) for each in (box.left, box.top, box.right, box.bottom)
        )
        return screen.crop((left, top, right, bottom))
