"""A window of the phone: a page of the browser, with what every screen can be asked and told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Error, Page

from fake_android.camera import Camera
from fake_android.device import TouchStep
from fake_android.keys import browser_key
from fake_android.node import AndroidNode
from fake_android.touch import touch
from flutter_bridge import AppUnreachable, now
from flutter_bridge.web import SCRIPT, is_document_replaced

ANSWERS: Final = files("fake_android").joinpath("window.js").read_text(encoding="utf-8")
"""What runs in every document beside the bridge's own script."""

IDLE: Final = 500
"""Milliseconds without a change after which Android calls a screen idle."""

LOADING: Final = 30.0
"""Seconds that a document may take to be there."""

HELD: Final = 0.6
"""Seconds that a key is held for a long press."""

Size = tuple[int, int]


async def prepare(context: BrowserContext) -> None:
    """Have a context's documents to come answer to a window."""
    await context.add_init_script(SCRIPT)
    await context.add_init_script(ANSWERS)


class Window(ABC):
    """One page of a context that was prepared. `package` and `activity` are what Android calls it by."""

    package: str
    activity: str

    def __init__(self, page: Page, session: CDPSession, *, pixel_ratio: float) -> None:
        self.page = page
        self.pixel_ratio = pixel_ratio
        self._session = session
        self._camera = Camera(page, pixel_ratio=pixel_ratio)

    @property
    def top(self) -> Window:
        """This window, or one that lies over it and belongs to it."""
        return self

    @abstractmethod
    async def read(self) -> AndroidNode:
        """Read the window's nodes."""

    @abstractmethod
    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Do ACTION_SET_TEXT on one of them."""

    @abstractmethod
    async def back(self) -> bool:
        """Go back; false where there is nothing to go back to, so that the window is left."""

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        """Do a gesture."""
        await touch(self._session, fingers, pixel_ratio=self.pixel_ratio)

    async def png(self) -> bytes:
        """Take a PNG in physical pixels."""
        return await self._camera.png()

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        """Take a JPEG, `scale` times as large as in physical pixels."""
        return await self._camera.jpeg(quality=quality, scale=scale)

    async def press(self, code: int, meta: int, *, long: bool) -> None:
        """Press a key that goes to the window; one that tells it nothing does nothing."""
        key = browser_key(code, meta)
        if key is not None:
            await self.page.keyboard.press(key, delay=HELD * 1000 if long else None)

    async def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        await self.page.keyboard.type(text)

    async def is_keyboard_up(self) -> bool:
        """Whether the soft keyboard lies over the window."""
        return bool(await self.ask("isKeyboardUp"))

    async def hide_keyboard(self) -> bool:
        """Hide the soft keyboard; false where none was up."""
        return bool(await self.ask("hideKeyboard"))

    async def stamp(self) -> tuple[float, int]:
        """Return which document is shown, and a number that grows with its changes."""
        document, version = await self.ask("stamp")
        return document, version

    async def calm(self, seconds: float) -> None:
        """Wait until nothing has changed for half a second, `seconds` at most."""
        await self.ask("calm", IDLE, seconds * 1000)

    async def resize(self, size: Size) -> None:
        """Take another size, in logical pixels, and draw it."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.ask("drawn")

    async def close(self) -> None:
        """Close the page."""
        await self._camera.close()
        # A page that is gone needs no closing.
        with suppress(Error):
            await self.page.close()

    async def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of `window.js`; in the next document where this one is replaced meanwhile."""
        until = now() + LOADING
        while True:
            try:
                return await self.page.evaluate(
                    "([name, given]) => __standin[name](...given)", [function, list(arguments)]
                )
            except Error as error:
                early = "__standin is not defined" in error.message
                if not (early or is_document_replaced(error)) or now() >= until:
                    raise
                if self.page.url.startswith("chrome-error:"):
                    raise AppUnreachable(f"{self.package} can't be reached: is it served?") from error
                await self.page.wait_for_load_state("domcontentloaded", timeout=LOADING * 1000)
