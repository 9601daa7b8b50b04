"""The one interface through which a journey drives a Flutter app, whatever it runs on."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL import Image

from flutter_bridge.clock import Interval
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource
from flutter_bridge.semantics import Node, Tree


@runtime_checkable
class FlutterApp(Protocol):
    """A running Flutter app that one person uses on one target.

    Every method that names a finder waits (up to the app's timeout, or `timeout` seconds) until the node is
    on screen, visible and, for actions, enabled and at rest. A wait that ends in vain raises `NotFound`,
    which says what was looked for, what was on screen instead, and where the screenshot lies. A target that
    is gone raises `AppUnreachable`. Actions return the interval in which the app received them.
    """

    @property
    def target(self) -> str:
        """The target's name as the reports show it, such as `web`."""
        ...

    async def open(self, link: str) -> None:
        """Go to a place in the app by its deep link, such as `/people/42`; ends when semantics are there."""
        ...

    async def restart(self) -> None:
        """Start the app anew, keeping what it has stored: a reload on the web, a relaunch on a device."""
        ...

    async def semantics(self) -> Tree:
        """Read the whole screen's semantics once."""
        ...

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Wait for a visible node and return it as it is then."""
        ...

    async def gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        """Wait until no visible node fits; raises `ActionFailed` where one stays."""
        ...

    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap a node once it is enabled and rests: in its middle, or where nothing lies over it.

        Raises `NotFound` where that doesn't come to be in time; the error names what is in the way.
        """
        ...

    async def enter_text(
        self,
        finder: Finder,
        text: str,
        *,
        shows: str | re.Pattern[str] | None = None,
        timeout: float | None = None,
    ) -> Interval:
        """Replace a text field's content; verified: raises `ActionFailed` where the field doesn't take it.

        It took it where it then says the text as people read it, or `shows` where that is given: what the app
        makes of it, such as "01/21" of "0121". Without `shows` an app may write it otherwise, if it does so
        twice.
        """
        ...

    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        """Tap what opens the system's file or photo picker, and pick `file` in it.

        The interval is that of the pick itself: what a person did last before the app took over.
        """
        ...

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Scroll until a node is wholly on screen and return it."""
        ...

    async def back(self) -> None:
        """Go back as a person does on this platform: the browser's button, Android's key, iOS's gesture."""
        ...

    async def screenshot(self) -> Image.Image:
        """Take one picture of the app's screen in physical pixels."""
        ...

    def frames(self) -> AbstractAsyncContextManager[FrameSource]:
        """Stream pictures of the screen while the context is open."""
        ...

    async def keep_evidence(self, folder: Path, name: str) -> None:
        """Write down what tells why a journey failed; a few seconds at most, and nothing is raised for it.

        In `folder`, made when needed: `NAME-screen.png`, where nobody else keeps a picture of the screen, and
        the end of the log since the app was started, as `NAME-logcat.log`, `-syslog` or `-console`. What
        can't be had is left out, and so is what was typed into fields that obscure it.
        """
        ...

    async def close(self) -> None:
        """End the app and all that was started for it; further calls do nothing."""
        ...


@runtime_checkable
class Drawn(Protocol):
    """An app that can tell what draws it; pictures drawn by another version may differ."""

    @property
    def renderer(self) -> str:
        """Name and version, such as `chromium 150.0.7339.16` or `android 14`; empty where nobody knows."""
        ...


@runtime_checkable
class HasPointer(Protocol):
    """An app under a mouse, which leaves traces where it rests: highlights, tooltips."""

    async def move_pointer_away(self) -> None:
        """Move the mouse off the app; its traces go a moment later."""
        ...


@runtime_checkable
class HasStatusBar(Protocol):
    """An app whose screenshots show the system's status bar: a clock, a battery, none of it the app's."""

    @property
    def status_bar(self) -> float:
        """How high the bar at the upper edge is, in logical pixels; 0 where there is none."""
        ...
