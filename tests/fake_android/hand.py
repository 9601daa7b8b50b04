"""Somebody who holds a stand-in's phone, for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fake_android.device import AndroidNode
from fake_android.input import BACK, TouchStep
from fake_android.phone import Phone

PATIENCE = 30.0
PAUSE = 0.02
"""Seconds between two looks at the phone: one that is looked at all the time has less left for its app."""
KEYBOARD_HEIGHT = 300
"""How high a stand-in's keyboard is, in logical pixels."""


class Hand:
    """Somebody who holds a phone: looks at it, and touches what it shows."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    @property
    def keyboard_top(self) -> float:
        """Where the keyboard begins on the phone held upright, in its pixels."""
        return self.phone.size[1] - KEYBOARD_HEIGHT * self.phone.setup.pixel_ratio

    async def sees(self, wanted: Callable[[AndroidNode], bool]) -> AndroidNode:
        """Wait for a node that fits."""
        async with asyncio.timeout(PATIENCE):
            while True:
                root = await self.phone.window()
                found = next((node for node in root.walk() if node.displayed and wanted(node)), None)
                if found is not None:
                    return found
                await asyncio.sleep(PAUSE)

    async def named(self, identifier: str) -> AndroidNode:
        """Wait for the node with a resource-id."""
        return await self.sees(lambda node: node.resource_id == identifier)

    async def reads(self, text: str) -> AndroidNode:
        """Wait for a node that says exactly this."""
        return await self.sees(lambda node: text in {node.text, node.content_desc})

    async def field(self, identifier: str) -> AndroidNode:
        """Wait for the text field inside the node with a resource-id."""
        around = await self.named(identifier)
        return next(node for node in around.walk() if node.class_name == "android.widget.EditText")

    async def tap(self, node: AndroidNode, *, seconds: float = 0.05) -> None:
        """Put a finger on a node's middle, from which the keyboard is taken away."""
        x, y = node.bounds.centre
        if y >= self.keyboard_top and await self.phone.is_keyboard_up():
            await self.phone.press_key(BACK)
        await self.phone.touch([[TouchStep(0, x, y), TouchStep(seconds, x, y, down=False)]])

    async def focuses(self, identifier: str) -> AndroidNode:
        """Tap a text field until it has the focus."""
        await self.tap(await self.field(identifier))
        async with asyncio.timeout(PATIENCE):
            while not (field := await self.field(identifier)).focused:
                pass
        return field

    async def is_in(self, package: str) -> None:
        """Wait until something of a package is on top."""
        async with asyncio.timeout(PATIENCE):
            while self.phone.foreground[0] != package:
                await self.phone.window()
