"""The sample Flutter app on every platform, and pages that look like one to the bridge."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from flutter_bridge import FlutterApp, by
from flutter_bridge.appium import AppiumApp, open_appium_app
from flutter_bridge.mobile_web import chromium_capabilities, open_mobile_web_app
from flutter_bridge.mobile_web.webdriver_page import WebDriverPage
from flutter_bridge.web import SCRIPT, PageReading, WebApp, open_web_app, parse
from flutter_bridge.web.driver import CALM_FRAMES, BrowserDriver
from tests.fake_android.stand_in_process import CAPABILITIES, LINKS, running_sample_phone
from tests.flutter_bridge.appium_server import running_appium
from tests.site_server import Site, page_server, site_server

PHONE = {"width": 412, "height": 915}
VISITS = itertools.count(1)

PATIENCE_S = 30.0
"""How long the shared apps are waited for: on a busy machine they stand still for seconds."""

A = TypeVar("A", bound=FlutterApp)

# Leads to another place in an app that runs, as its own links do: to load it anew costs three times as much.
VISIT = """
history.pushState(null, "", arguments[0]);
dispatchEvent(new PopStateEvent("popstate", { state: null }));
"""


@dataclass(frozen=True)
class Visited(Generic[A]):
    """The sample app somewhere, and how to be led from one place in it to another."""

    app: A
    visit: Callable[[str], Awaitable[object]]

    async def begin(self) -> A:
        """Show a first screen that nobody did anything on."""
        place = f"/fresh-{next(VISITS)}"
        await self.visit(place)
        await self.app.find(by.text(place))
        await self.app.find(by.identifier("list"))
        driver = self.app.driver
        if isinstance(driver, BrowserDriver):
            # As after a load: what is touched while a screen still changes may be another one's by then.
            await driver._document.ask("quiet", CALM_FRAMES, 1000)
        return self.app

    async def rest(self) -> None:
        """Leave the app without a focused field, whose caret would be drawn until the last test of all."""
        await self.visit("/second")


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Leave the viewport to each test."""
    return {name: value for name, value in browser_context_args.items() if name != "viewport"}


@pytest.fixture(scope="session")
async def running_web_app(
    browser: Browser, sample_app: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WebApp]:
    """Open the sample app in a phone-sized page."""
    artifacts = tmp_path_factory.mktemp("artifacts")
    async with open_web_app(
        new_context=browser.new_context,
        url=sample_app,
        artifacts=artifacts,
        viewport=PHONE,
        timeout=PATIENCE_S,
    ) as app:
        yield app


@pytest.fixture(scope="module")
async def visited_web_app(running_web_app: WebApp) -> AsyncIterator[Visited[WebApp]]:
    async def visit(place: str) -> None:
        script = "([script, ...places]) => new Function(script)(...places)"
        await running_web_app.page.evaluate(script, [VISIT, place])

    visited = Visited(running_web_app, visit)
    yield visited
    await visited.rest()


@pytest.fixture
async def web_app(visited_web_app: Visited[WebApp]) -> WebApp:
    return await visited_web_app.begin()


@pytest.fixture(scope="session")
async def appium_server() -> AsyncIterator[str]:
    """Run the real Appium server with its Chromium driver; its address."""
    async with running_appium("chromium") as server:
        yield server.address


@pytest.fixture(scope="session")
async def running_mobile_web_app(
    appium_server: str, sample_app: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FlutterApp]:
    """Open the sample app in a phone-sized browser through Appium."""
    async with open_mobile_web_app(
        server=appium_server,
        capabilities=chromium_capabilities(),
        url=sample_app,
        artifacts=tmp_path_factory.mktemp("artifacts"),
        timeout=PATIENCE_S,
    ) as app:
        yield app


@pytest.fixture(scope="module")
async def visited_mobile_web_app(running_mobile_web_app: FlutterApp) -> AsyncIterator[Visited[FlutterApp]]:
    page = cast("WebDriverPage", cast("BrowserDriver", running_mobile_web_app._driver).page)

    async def visit(place: str) -> None:
        await page._do(lambda driver: driver.execute_script(VISIT, place))

    visited = Visited(running_mobile_web_app, visit)
    yield visited
    await visited.rest()


@pytest.fixture
async def mobile_web_app(visited_mobile_web_app: Visited[FlutterApp]) -> FlutterApp:
    return await visited_mobile_web_app.begin()


@pytest.fixture(scope="session")
async def running_android_app(
    sample_app: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AppiumApp]:
    """Open the sample app on a stand-in phone, through the real Appium server and its real driver."""
    async with (
        running_sample_phone(sample_app) as phone,
        running_appium("uiautomator2", environment=phone.environment) as server,
        open_appium_app(
            server=server.address,
            capabilities=CAPABILITIES,
            links=LINKS,
            artifacts=tmp_path_factory.mktemp("artifacts"),
            timeout=PATIENCE_S,
        ) as app,
    ):
        yield app


@pytest.fixture(scope="module")
async def visited_android_app(running_android_app: AppiumApp) -> AsyncIterator[Visited[AppiumApp]]:
    visited = Visited(running_android_app, running_android_app.open)
    yield visited
    await visited.rest()


@pytest.fixture
async def android_app(visited_android_app: Visited[AppiumApp]) -> AppiumApp:
    return await visited_android_app.begin()


async def _open_page(context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.add_init_script(SCRIPT)
    await page.goto("about:blank")
    return page


@pytest.fixture
async def page(new_context: Callable[..., Awaitable[BrowserContext]]) -> Page:
    """Make an empty page in which the bridge's script runs."""
    return await _open_page(await new_context(viewport={"width": 400, "height": 300}))


@pytest.fixture(scope="session")
async def markup_page(browser: Browser) -> AsyncIterator[Page]:
    """Open a page for markup to be read in; `read_markup` empties it for each test."""
    async with await browser.new_context(viewport={"width": 400, "height": 300}) as context:
        yield await _open_page(context)


@pytest.fixture
async def read_markup(markup_page: Page) -> Callable[[str], Awaitable[PageReading]]:
    """Return a function that shows some semantics in a page that was empty, and reads them."""
    await markup_page.goto("about:blank")

    async def read(markup: str) -> PageReading:
        await markup_page.set_content(
            f"<body style='margin:0'><flt-semantics-host>{markup}</flt-semantics-host></body>"
        )
        return parse(await markup_page.evaluate("__flutterBridge.read(-1, 0)"))

    return read


@pytest.fixture
async def serve_page() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Return a function that serves one page at every path of an address of its own, and returns that.

    With a `login`, a name and a password, it is shown to nobody else.
    """
    async with page_server() as serve:
        yield serve


@pytest.fixture
async def serve_site() -> AsyncIterator[Callable[[Site], Awaitable[str]]]:
    """Return a function that serves a site, which answers each request by itself, and returns its address."""
    async with site_server() as serve:
        yield serve


@pytest.fixture
def open_page(new_context: Callable[..., Awaitable[BrowserContext]], tmp_path: Path) -> Callable[..., Any]:
    """Return `open_web_app` with what every test gives it."""

    def opened(url: str, **options: Any) -> Any:
        given: dict[str, Any] = {
            "timeout": 2.0,
            "start_timeout": 5.0,
            "viewport": {"width": 400, "height": 300},
        }
        return open_web_app(
            new_context=new_context, url=url, artifacts=tmp_path / "artifacts", **(given | options)
        )

    return opened


@pytest.fixture
def open_mobile(appium_server: str, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[FlutterApp]]:
    """Return `open_mobile_web_app` with what every test gives it."""

    def opened(url: str, **options: Any) -> AbstractAsyncContextManager[FlutterApp]:
        given: dict[str, Any] = {
            "server": appium_server,
            "capabilities": chromium_capabilities(size=(400, 300)),
            "artifacts": tmp_path / "artifacts",
            "timeout": 2.0,
            "start_timeout": 20.0,
        }
        return open_mobile_web_app(url=url, **(given | options))

    return opened


@pytest.fixture(scope="session")
async def running_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WebApp]:
    """Open a page that looks like an app to the bridge, for tests to show in it what they need."""
    nothing = "<!doctype html><body><flt-semantics id='flt-semantic-node-0'></flt-semantics></body>"
    async with (
        page_server() as serve,
        open_web_app(
            new_context=browser.new_context,
            url=await serve(nothing),
            artifacts=tmp_path_factory.mktemp("artifacts"),
            viewport={"width": 400, "height": 300},
            timeout=2.0,
        ) as app,
    ):
        yield app


@pytest.fixture
def show_page(running_page: WebApp) -> Callable[[str], Awaitable[WebApp]]:
    """Return a function that shows some HTML, scripts and all, in a page that is there already."""

    async def show(html: str) -> WebApp:
        await running_page.page.reload()
        await running_page.page.evaluate(
            """html => {
                document.body.innerHTML = html;
                for (const script of document.body.querySelectorAll("script")) {
                    const run = document.createElement("script");
                    run.textContent = script.textContent;
                    script.replaceWith(run);
                }
            }""",
            html,
        )
        return running_page

    return show
