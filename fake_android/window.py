"""Windows of the phone: pages of a phone-like Chromium, the system's own among them."""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, CDPSession, Error, Page, async_playwright

from fake_android.camera import Camera
from fake_android.device import AndroidNode, PhoneSetup, PixelBounds
from fake_android.input import ESCAPE, TouchStep, browser_key, touch
from flutter_bridge import AppUnreachable, now
from flutter_bridge.web import SCRIPT, is_document_replaced, launch_failure, launch_options

WINDOW_SCRIPTS: Final = tuple(
    files("fake_android").joinpath(name).read_text(encoding="utf-8") for name in ("keyboard.js", "window.js")
)
"""What runs in every document beside the bridge's own script."""

IDLE_MS: Final = 500
"""Without a change for so long, a screen is idle to Android."""

SYSTEM_PAGES: Final = files("fake_android").joinpath("system")
SYSTEM_HEAD: Final = '<!doctype html><meta name="viewport" content="width=device-width, initial-scale=1">'

LOAD_TIMEOUT_S: Final = 30.0
LONG_PRESS_MS: Final = 600

Size = tuple[int, int]

# -- the browser behind phones, and what of it makes a page believe that it is on one


@asynccontextmanager
async def open_browser(arguments: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Start a Chromium that phones can share; it ends with the context.

    Raises `BrowserMissing` where there is none, or it does not start.
    """
    async with async_playwright() as playwright:
        options: dict[str, Any] = launch_options(
            bundled=playwright.chromium.executable_path, given={"args": list(arguments)}
        )
        try:
            browser = await playwright.chromium.launch(**options)
        except Error as error:
            raise launch_failure(options["executable_path"], error.message) from error
        try:
            yield browser
        finally:
            # One that died needs no closing.
            with suppress(Error):
                await browser.close()


async def new_storage(browser: Browser, setup: PhoneSetup) -> BrowserContext:
    """Make a browser context of a phone's kind, with nothing in it."""
    width, height = setup.size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=setup.pixel_ratio,
        has_touch=True,
        is_mobile=True,
        user_agent=user_agent(browser.version, setup.sdk),
    )
    await add_scripts(context)
    return context


async def use_keyboard(context: BrowserContext, *, shown: bool) -> None:
    """Have a context's pages show the soft keyboard from now on, or none."""
    await context.add_init_script(f"globalThis.__standinTypesWithoutKeyboard = {str(not shown).lower()}")
    for page in context.pages:
        # One that is being replaced begins with what was just added.
        with suppress(Error):
            await page.evaluate("shown => __standin.useKeyboard(shown)", shown)


async def add_scripts(context: BrowserContext) -> None:
    """Have a context's documents to come answer to a window."""
    await context.add_init_script(SCRIPT)
    for script in WINDOW_SCRIPTS:
        await context.add_init_script(script)


def user_agent(browser_version: str, sdk: int) -> str:
    """Return what Chrome on a phone says of itself: an app's engine takes its platform from it."""
    major = browser_version.partition(".")[0]
    # Android's name for what it runs on: 13 for 33, 14 for 34, and so on.
    return (
        f"Mozilla/5.0 (Linux; Android {sdk - 20}; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{major}.0.0.0 Mobile Safari/537.36"
    )


# -- one window


class PhoneWindow(ABC):
    """One page of a context that has the scripts. `package` and `activity` are what Android calls it by."""

    package: str
    activity: str

    def __init__(self, page: Page, session: CDPSession, *, pixel_ratio: float) -> None:
        self.page = page
        self.pixel_ratio = pixel_ratio
        self._session = session
        self.camera = Camera(page, pixel_ratio=pixel_ratio)

    @property
    def top(self) -> PhoneWindow:
        """This window, or one that lies over it and belongs to it."""
        return self

    async def read(self) -> AndroidNode:
        """Read the window's nodes."""
        return (await self.read_all())[-1]

    @abstractmethod
    async def read_all(self) -> list[AndroidNode]:
        """Read what is on screen: the keyboard's window if that is up, and the window's own nodes, last."""

    @abstractmethod
    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Do ACTION_SET_TEXT on one of them."""

    @abstractmethod
    async def back(self) -> bool:
        """Go back; false where there is nothing to go back to, so that the window is left."""

    async def touch(self, fingers: Sequence[Sequence[TouchStep]]) -> None:
        """Do a gesture."""
        await touch(self._session, fingers, pixel_ratio=self.pixel_ratio)

    async def press(self, code: int, meta: int, *, long: bool) -> None:
        """Press a key that goes to the window; one that tells it nothing does nothing."""
        key = browser_key(code, meta)
        if key is not None:
            await self.page.keyboard.press(key, delay=LONG_PRESS_MS if long else None)

    async def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        await self.page.keyboard.type(text)

    async def is_keyboard_up(self) -> bool:
        """Whether the soft keyboard lies over the window."""
        return await self.ask("keyboard") is not None

    async def hide_keyboard(self) -> bool:
        """Hide the soft keyboard; false where none was up."""
        return bool(await self.ask("hideKeyboard"))

    async def escape(self) -> None:
        """Press escape: it is the app's first, which may close something, and then hides the keyboard."""
        await self.press(ESCAPE, 0, long=False)
        await self.hide_keyboard()

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait until nothing has changed for half a second, `seconds` at most."""
        await self.ask("calm", IDLE_MS, seconds * 1000)

    async def resize(self, size: Size) -> None:
        """Take another size, in logical pixels, and draw it."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})
        await self.ask("drawn")

    async def close(self) -> None:
        """Close the page."""
        await self.camera.close()
        # A page that is gone needs no closing.
        with suppress(Error):
            await self.page.close()

    async def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of `window.js`; in the next document where this one is replaced meanwhile."""
        until = now() + LOAD_TIMEOUT_S
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
                await self.page.wait_for_load_state("domcontentloaded", timeout=LOAD_TIMEOUT_S * 1000)


class SystemWindow(PhoneWindow):
    """A page of the folder `system`: its elements say which Android views they stand for.

    What is touched on it comes out of `events`, in order.
    """

    # Tells windows apart: an element of one that is gone is none of the next.
    _numbers = itertools.count(1)

    def __init__(
        self, page: Page, session: CDPSession, *, package: str, activity: str, pixel_ratio: float
    ) -> None:
        super().__init__(page, session, pixel_ratio=pixel_ratio)
        self.package = package
        self.activity = activity
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self._number = next(self._numbers)

    @classmethod
    async def open(
        cls,
        context: BrowserContext,
        name: str,
        *,
        package: str,
        activity: str,
        pixel_ratio: float,
    ) -> SystemWindow:
        """Show a page by its name; `show` gives it the rest."""
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        window = cls(page, session, package=package, activity=activity, pixel_ratio=pixel_ratio)
        await page.expose_function("standinTake", window.events.put_nowait)
        style, script, body = (
            SYSTEM_PAGES.joinpath(part).read_text(encoding="utf-8")
            for part in ("material.css", "views.js", f"{name}.html")
        )
        await page.set_content(SYSTEM_HEAD + f"<style>{style}</style>{body}<script>{script}</script>")
        return window

    async def show(self, content: Mapping[str, object]) -> None:
        """Have the page show what it is to show now."""
        await self.page.evaluate("content => show(content)", content)

    async def read_all(self) -> list[AndroidNode]:
        """Read the views that the page's elements stand for."""
        return [self._node(await self.page.evaluate("standinViews()"))]

    async def set_text(self, node: AndroidNode, text: str) -> bool:  # noqa: ARG002 - a window's method
        """Refuse: none of these views takes text."""
        return False

    async def back(self) -> bool:
        """Take back as an answer; whoever listens to `events` knows what it means."""
        self.events.put_nowait("back")
        return True

    def _node(self, view: Mapping[str, Any]) -> AndroidNode:
        left, top, right, bottom = (round(side * self.pixel_ratio) for side in view["bounds"])
        return AndroidNode(
            class_name=view["class"],
            package=self.package,
            text=view["text"],
            content_desc=view.get("description"),
            resource_id=view.get("id"),
            clickable=view["clickable"],
            long_clickable=view["longClickable"],
            focusable=view["clickable"],
            enabled=view["enabled"],
            selected=view["selected"],
            scrollable=view["scrollable"],
            displayed=view["displayed"],
            bounds=PixelBounds(left, top, right, bottom),
            children=tuple(self._node(child) for child in view["children"]),
            ref=f"window-{self._number}-view-{view['number']}",
        )
