"""Journeys that are played through a Selenium Grid; copied into a project of their own.

The session of the first try of one of them is cut: it leaves its id in the file `in-session`, and goes on
looking until its node is gone. `cut` says that this has happened.
"""

from __future__ import annotations

from pathlib import Path

from flutter_bridge import by
from flutter_bridge.appium import AppiumApp
from journeys import Cast, journey

HELLO = by.text("Hello")


def first_try(app: AppiumApp) -> bool:
    """Whether no session was cut yet; leaves word which one is to be cut."""
    if Path("cut").exists():
        return False
    Path("in-session.new").write_text(app.session.id)
    Path("in-session.new").rename("in-session")
    return True


@journey("Hello is on screen", priority="P0")
async def hello_is_on_screen(cast: Cast) -> None:
    alice = await cast.actor("alice")
    await alice.app.find(HELLO)


@journey("The node in the middle goes away", priority="P0")
async def node_goes_away(cast: Cast) -> None:
    alice = await cast.actor("alice")
    await alice.app.find(HELLO)
    if isinstance(alice.app, AppiumApp) and first_try(alice.app):
        await alice.app.find(by.text("Never there"), timeout=600)
