"""A Flutter app's web build in a browser page, driven through its semantics."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from PIL import Image
from playwright.async_api import BrowserContext, Error, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed, NotFound, SemanticsMissing
from flutter_bridge.finders import Finder
from flutter_bridge.frames import FrameSource
from flutter_bridge.nearest import not_found
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.web.dom import Snapshot, parse
from flutter_bridge.web.failures import reaching, replaced, unreachable
from flutter_bridge.web.screencast import screencast
from flutter_bridge.web.screenshots import screenshot_frames
from flutter_bridge.web.scrolling import Search

SCRIPT = (files(__package__) / "page.js").read_text(encoding="utf-8")

HONOURED = 1000
"""Milliseconds a running app is given to begin to follow a changed address before it is loaded there anew."""


class NewContext(Protocol):
    """What makes browser contexts: pytest-playwright's `new_context` fixture, or `browser.new_context`."""

    def __call__(self, **options: Any) -> Awaitable[BrowserContext]:
        """Make a context with Playwright's options."""
        ...


class WebApp:
    """A `FlutterApp` on a browser page; made by `open_web_app`.

    Nodes are read from the semantics tree the engine keeps in the DOM, in one round trip a reading. Taps and
    scrolling are real input at the place where a person would do it, so what covers a node covers it here too.
    """

    def __init__(
        self, page: Page, url: str, *, artifacts: Path, timeout: float, start_timeout: float, target: str
    ) -> None:
        self._page = page
        self._url = url
        self._artifacts = artifacts
        self._timeout = timeout
        self._start_timeout = start_timeout
        self._target = target
        self._touch = False
        self._closed = False
        self._pictures = itertools.count(1)

    @property
    def target(self) -> str:
        """The target's name as the reports show it."""
        return self._target

    @property
    def page(self) -> Page:
        """Playwright's page, for what only a browser knows; nothing a journey needs."""
        return self._page

    async def start(self, link: str) -> None:
        """Load the app at a deep link for the first time; `open_web_app` does this."""
        await self._page.add_init_script(SCRIPT)
        await self._load(self._address(link))
        self._touch = await self._ask("() => navigator.maxTouchPoints > 0 && 'ontouchstart' in window")

    async def open(self, link: str) -> None:
        """Go to a place in the app by its deep link.

        A running app is told as the browser's history tells it, which costs no reload; one whose router takes
        no notice is loaded anew. Nothing happens where the app is there already.
        """
        address = self._address(link)
        snapshot = await self._read()
        if snapshot.url == address and snapshot.ready:
            return
        if urlsplit(snapshot.url)[:2] == urlsplit(address)[:2] and snapshot.ready:
            if await self._ask(
                "([href, ms]) => __flutterBridge.go(href, ms)", [address, HONOURED], again=False
            ):
                return
        await self._load(address)

    async def restart(self) -> None:
        """Reload the page; what the app keeps in the browser's storage stays."""
        with reaching(self._url):
            await self._page.reload(wait_until="commit", timeout=self._start_timeout * 1000)
        await self._ready()

    async def semantics(self) -> Tree:
        """Read the whole screen's semantics once."""
        return (await self._read()).tree

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Wait for a visible node."""
        node, _ = await self._wait(finder, timeout)
        return node

    async def gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        """Wait until no visible node fits."""
        async for snapshot, last in self._readings(timeout):
            if not any(node.visible for node in finder.picked_in(snapshot.tree)):
                return
            if last:
                raise ActionFailed(
                    f"{finder} is still on screen after {self._within(timeout):.1f} s{await self._evidence()}"
                )

    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap the middle of a node by mouse, or by touch where the page has touch."""
        node = await self._at_rest(finder, timeout)
        return await self._tap(node)

    async def enter_text(self, finder: Finder, text: str, *, timeout: float | None = None) -> Interval:
        """Replace a text field's content.

        The engine listens to a field only once it has the focus, and may write the field's old content over
        what came early: the field is tapped, filled, and filled again until it keeps the text.
        """
        until = now() + self._within(timeout)
        node = await self._at_rest(finder, timeout, role=Role.TEXT_FIELD)
        await self._tap(node)
        if not await self._ask("([ref, ms]) => __flutterBridge.focusIn(ref, ms)", [node.ref, _ms(until)]):
            raise ActionFailed(f"{finder} didn't take the focus when tapped{await self._evidence()}")
        kept: str | None = None
        while True:
            before = now()
            await self._fill(node, text, until)
            received = Interval(before, now())
            kept = await self._ask("([ref, text]) => __flutterBridge.keeps(ref, text, 3)", [node.ref, text])
            if kept == text:
                return received
            if now() >= until:
                break
        told = "is gone" if kept is None else "keeps something else" if node.obscured else f"says {kept!r}"
        raise ActionFailed(f"{finder} doesn't keep the text entered: it {told}{await self._evidence()}")

    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        """Tap what opens the browser's file chooser, and pick `file` in it."""
        if not file.is_file():
            raise ActionFailed(f"there is no file {file} to choose")
        node = await self._at_rest(opener, timeout)
        try:
            async with self._page.expect_file_chooser(timeout=self._within(timeout) * 1000) as expected:
                await self._tap(node)
            chooser = await expected.value
        except PlaywrightTimeout as error:
            raise ActionFailed(f"{opener} opened no file chooser{await self._evidence()}") from error
        except Error as error:
            raise self._translated(error) from error
        before = now()
        with reaching(self._url):
            await chooser.set_files(file)
        return Interval(before, now())

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        """Scroll by the wheel until a node is wholly on screen, and at rest."""
        found = await Search(self, finder, self._within(timeout)).run()
        if found is None:
            raise await self._not_found(finder, self._within(timeout), "is nowhere to scroll to")
        return found

    async def back(self) -> None:
        """Go back in the browser's history."""
        try:
            done = await self._page.evaluate("ms => __flutterBridge.back(ms)", HONOURED)
        except Error as error:
            if not replaced(error):
                raise self._translated(error) from error
            await self._ready()
            return
        if not done:
            raise ActionFailed(f"there is nothing to go back to{await self._evidence()}")

    async def screenshot(self) -> Image.Image:
        """Take one picture of the page in physical pixels."""
        encoded, _ = await self._shoot()
        with Image.open(io.BytesIO(encoded)) as opened:
            return opened.convert("RGB")

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        """Stream pictures of the page: by screencast in Chromium, by screenshots elsewhere."""
        browser = self._page.context.browser
        if browser is not None and browser.browser_type.name != "chromium":
            async with screenshot_frames(self._shoot) as frames:
                yield frames
            return
        async with screencast(self._page) as cast:
            yield cast

    async def close(self) -> None:
        """Close the page and its context; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        # A browser that is gone has closed it already.
        with suppress(Error):
            await self._page.context.close()

    # What `scrolling` asks of the page.

    async def read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        """Read the page; with `after`, only once it changed since that version, or the seconds are over."""
        return await self._read(after, seconds)

    async def wheel(self, x: float, y: float, right: float, down: float) -> None:
        """Turn the wheel at a place and wait until what it moved rests."""
        with reaching(self._url):
            await self._page.mouse.move(x, y)
            before = await self._page.evaluate("__flutterBridge.version")
            await self._page.mouse.wheel(right, down)
        await self._ask("([before, ms]) => __flutterBridge.moved(before, ms)", [before, 2000])

    def _address(self, link: str) -> str:
        base = self._url if self._url.endswith("/") else f"{self._url}/"
        if "#" in base:
            return f"{base.split('#')[0]}#/{link.lstrip('/')}"
        return urljoin(base, link.lstrip("/") or ".")

    def _within(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    async def _load(self, address: str) -> None:
        with reaching(address):
            await self._page.goto(address, wait_until="commit", timeout=self._start_timeout * 1000)
        await self._ready()

    async def _ready(self) -> None:
        async for snapshot, last in self._readings(self._start_timeout):
            if snapshot.ready:
                return
            if last:
                what = (
                    "the app shows no semantics: does it start, and does it build any?"
                    if snapshot.flutter
                    else "there is no Flutter app on this page: is the address right?"
                )
                raise SemanticsMissing(f"{snapshot.url}: {what}{await self._evidence()}")

    async def _readings(self, timeout: float | None) -> AsyncIterator[tuple[Snapshot, bool]]:
        """Yield a reading at once and after every change, the last one marked when the time is over."""
        until = now() + self._within(timeout)
        after = -1
        while True:
            snapshot = await self._read(after, max(0.0, until - now()))
            last = now() >= until
            yield snapshot, last
            if last:
                return
            after = snapshot.version

    async def _read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        reading = await self._ask("([after, ms]) => __flutterBridge.read(after, ms)", [after, seconds * 1000])
        return parse(reading)

    async def _ask(self, expression: str, argument: object = None, *, again: bool = True) -> Any:
        """Evaluate in the page; once more in the new document when the old one was replaced meanwhile."""
        until = now() + self._start_timeout
        while True:
            try:
                return await self._page.evaluate(expression, argument)
            except Error as error:
                if not replaced(error) or now() >= until:
                    raise self._translated(error) from error
                if not again:
                    return None
                # Resolves as soon as there is a document to ask.
                with reaching(self._url):
                    await self._page.wait_for_load_state(
                        "domcontentloaded", timeout=self._start_timeout * 1000
                    )

    def _translated(self, error: Error) -> Exception:
        return unreachable(error, self._url) or error

    async def _wait(
        self, finder: Finder, timeout: float | None, *, enabled: bool = False
    ) -> tuple[Node, Snapshot]:
        why = ""
        async for snapshot, last in self._readings(timeout):
            node = finder.first_in(snapshot.tree)
            if node is not None and node.visible and (node.enabled or not enabled):
                return node, snapshot
            if node is None:
                why = ""
            else:
                why = "is disabled" if node.visible else "is there, but out of sight"
            if last:
                break
        raise await self._not_found(finder, self._within(timeout), why)

    async def _at_rest(self, finder: Finder, timeout: float | None, *, role: Role | None = None) -> Node:
        """Wait for a node one can act on: visible, enabled, the same box in two frames, its middle not covered."""
        until = now() + self._within(timeout)
        while True:
            left = max(0.0, until - now())
            node, _ = await self._wait(finder, left if timeout is None else min(left, timeout), enabled=True)
            if role is not None:
                inner = next((below for below in node.walk() if below.role is role), None)
                if inner is None:
                    raise ActionFailed(f"{finder} is a {node.role}, not a {role}{await self._evidence()}")
                node = inner
            rested = await self._ask(
                "([ref, ms]) => __flutterBridge.rest(ref, ms)", [node.ref, min(500, _ms(until))]
            )
            if rested is None:
                # Rebuilt between the reading and now: look again.
                continue
            box = node.box
            if rested["still"] and rested["over"] is None:
                if rested["box"] == [box.left, box.top, box.width, box.height]:
                    return node
                continue
            if now() >= until:
                why = (
                    f"is covered by {rested['over']!r}"
                    if rested["over"] is not None
                    else "doesn't come to rest"
                )
                raise await self._not_found(finder, self._within(timeout), why)

    async def _tap(self, node: Node) -> Interval:
        x, y = node.box.centre
        before = now()
        with reaching(self._url):
            if self._touch:
                await self._page.touchscreen.tap(x, y)
            else:
                await self._page.mouse.click(x, y)
        return Interval(before, now())

    async def _fill(self, node: Node, text: str, until: float) -> None:
        field = self._page.locator(f'[id="{node.ref}"]').locator("input, textarea").first
        try:
            await field.fill(text, timeout=max(1.0, _ms(until)))
        except PlaywrightTimeout as error:
            raise ActionFailed(f"the field {node.label!r} can't be filled{await self._evidence()}") from error
        except Error as error:
            raise self._translated(error) from error

    async def _shoot(self) -> tuple[bytes, float]:
        with reaching(self._url):
            encoded = await self._page.screenshot(type="png", scale="device", caret="initial")
        with Image.open(io.BytesIO(encoded)) as picture:
            width = self._page.viewport_size["width"] if self._page.viewport_size else picture.width
            return encoded, picture.width / width

    async def _not_found(self, finder: Finder, waited: float, why: str) -> NotFound:
        snapshot = await self._read()
        return not_found(finder, snapshot.tree, waited=waited, why=why, screenshot=await self._saved())

    async def _evidence(self) -> str:
        saved = await self._saved()
        return f"; screenshot: {saved}" if saved is not None else ""

    async def _saved(self) -> Path | None:
        """Save a picture of the page for an error's text; None where none could be taken."""
        try:
            encoded, _ = await self._shoot()
        except Exception:  # noqa: BLE001 - the error this is for matters more than its picture
            return None
        return await asyncio.to_thread(self._keep, encoded)

    def _keep(self, encoded: bytes) -> Path:
        self._artifacts.mkdir(parents=True, exist_ok=True)
        while True:
            path = self._artifacts / f"{self._target}-{next(self._pictures)}.png"
            # Several apps may share the folder.
            with suppress(FileExistsError), path.open("xb") as file:
                file.write(encoded)
                return path


def _ms(until: float) -> float:
    return max(0.0, (until - now()) * 1000)


@asynccontextmanager
async def open_web_app(
    *,
    new_context: NewContext | Callable[..., Awaitable[BrowserContext]],
    url: str,
    artifacts: Path,
    link: str = "/",
    timeout: float = 10.0,
    start_timeout: float = 30.0,
    target: str = "web",
    **context_options: Any,
) -> AsyncIterator[WebApp]:
    """Open a Flutter web build in a browser context of its own, and close that at the end.

    - `new_context`: makes the context: pytest-playwright's fixture, or a browser's method.
    - `url`: where the app is served; `link` is the deep link to open first.
    - `artifacts`: the folder that screenshots of failures go to; made when needed.
    - `timeout`: seconds that every wait may take; `start_timeout` those a load may.
    - `context_options`: Playwright's, such as `viewport`, `device_scale_factor`, `color_scheme`.
    """
    with reaching(url):
        context = await new_context(**context_options)
    try:
        with reaching(url):
            page = await context.new_page()
        app = WebApp(
            page, url, artifacts=artifacts, timeout=timeout, start_timeout=start_timeout, target=target
        )
        await app.start(link)
    except BaseException:
        with suppress(Error):
            await context.close()
        raise
    try:
        yield app
    finally:
        await app.close()
