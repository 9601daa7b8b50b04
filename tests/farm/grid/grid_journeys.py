"""Journeys that are played through a Selenium Grid; copied into a project of their own.

The session of the first try of one of them is cut: it leaves the file `in-session`, and goes on looking until
its node is gone. `cut` says that this has happened.
"""

from __future__ import annotations

from pathlib import Path

from flutter_bridge import by
from journeys import Cast, journey

HELLO = by.text("Hello")


def first_try() -> bool:
    """Whether no session was cut yet; leaves word that there is one to be cut."""
    if Path("cut").exists():
        return False
    Path("in-session").touch()
    return True


@journey("Hello is on screen", priority="P0")
async def hello_is_on_screen(cast: Cast) -> None:
    alice = await cast.visitor("alice")
    await alice.app.find(HELLO)


@journey("The node in the middle goes away", priority="P0")
async def node_goes_away(cast: Cast) -> None:
    alice = await cast.visitor("alice")
    await alice.app.find(HELLO)
    if alice.app.target == "phone" and first_try():
        await alice.app.find(by.text("Never there"), timeout=600)
