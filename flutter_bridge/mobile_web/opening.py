"""Opens a Flutter web build in a browser that Appium drives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flutter_bridge.address import login_in, without_login
from flutter_bridge.keeping import starting
from flutter_bridge.mobile_web.chromium import with_a_port
from flutter_bridge.mobile_web.session import open_session
from flutter_bridge.mobile_web.webdriver_page import WebDriverPage
from flutter_bridge.web.browser_app import BrowserApp


class MobileWebApp(BrowserApp):
    """A `FlutterApp` in a browser that Appium drives; made by `open_mobile_web_app`.

    `renderer` is the browser's name and version.
    """

    renderer = ""


@asynccontextmanager
async def open_mobile_web_app(
    *,
    server: str,
    capabilities: Mapping[str, Any],
    url: str,
    artifacts: Path,
    link: str = "/",
    timeout: float = 10.0,
    start_timeout: float = 60.0,
    session_timeout: float | None = None,
    target: str = "mobile-web",
) -> AsyncIterator[MobileWebApp]:
    """Open a Flutter web build in a session of its own, and end that at the end.

    - `server`: where Appium listens; `capabilities`: what the session is asked for, such as those of
      `chromium_capabilities`.
    - `url`: where the app is served, as the device reaches it; `link` is the deep link to open first.
    - `artifacts`: the folder that screenshots of failures go to; made when needed.
    - `timeout`: seconds that every wait may take; `start_timeout` those that the session and a load may, and
      `session_timeout` those that the session may where that is another time.

    Raises `AppUnreachable` where there is no Appium, no session or no app, and `SemanticsMissing` where what
    is there is no Flutter app.
    """
    async with open_session(
        server, with_a_port(capabilities, server), seconds=session_timeout or start_timeout
    ) as session:
        page = WebDriverPage(session, without_login(url), seconds=start_timeout, login=login_in(url))
        app = MobileWebApp(
            page,
            without_login(url),
            artifacts=artifacts,
            timeout=timeout,
            start_timeout=start_timeout,
            target=target,
        )
        app.renderer = session.browser
        async with starting(app, artifacts):
            await app.start(link)
        yield app
