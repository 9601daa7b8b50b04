"""The network of a page that Playwright drives, made worse through Chromium's own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import CDPSession, Error, Page, Route

from flutter_bridge.errors import NotSupported
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.web.browser import playwright_errors

BURST_S = 0.4
"""How long it takes until a lossy network is good again and lost again."""


def emulation_of(conditions: NetworkConditions) -> dict[str, float | bool]:
    """Return the arguments of `Network.emulateNetworkConditions`; its throughputs are in bytes a second."""
    rate = -1 if conditions.kbps is None else conditions.kbps * 1000 / 8
    return {
        "offline": conditions.offline,
        "latency": conditions.latency_ms,
        "downloadThroughput": rate,
        "uploadThroughput": rate,
    }


@asynccontextmanager
async def page_network(page: Page, url: str, conditions: NetworkConditions) -> AsyncIterator[None]:
    """Have a page's requests and sockets meet such a network while the context is open."""
    browser = page.context.browser
    if browser is not None and browser.browser_type.name != "chromium":
        raise NotSupported(f"{browser.browser_type.name} can't be given another network: Chromium can")
    with playwright_errors(url):
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        await _emulate(session, conditions)
    losing = asyncio.create_task(_lose(session, conditions)) if conditions.lost_share else None
    try:
        yield
    finally:
        if losing is not None:
            losing.cancel()
            with suppress(asyncio.CancelledError, Error):
                await losing
        # Where the page is gone, so is its network.
        with suppress(Error):
            await _emulate(session, NetworkConditions())
            await session.detach()


async def _emulate(session: CDPSession, conditions: NetworkConditions) -> None:
    await session.send("Network.emulateNetworkConditions", emulation_of(conditions))


async def _lose(session: CDPSession, conditions: NetworkConditions) -> None:
    while True:
        await _emulate(session, NetworkConditions(offline=True))
        await asyncio.sleep(BURST_S * conditions.lost_share)
        await _emulate(session, NetworkConditions(latency_ms=conditions.latency_ms))
        await asyncio.sleep(BURST_S * (1 - conditions.lost_share))


@asynccontextmanager
async def page_mock(page: Page, url: str, pattern: str, answer: MockedAnswer) -> AsyncIterator[None]:
    """Answer a page's requests to addresses of a pattern in the server's place while the context is open."""

    async def handle(route: Route) -> None:
        # The page may have gone meanwhile.
        with suppress(Error):
            if answer.status:
                await route.fulfill(
                    status=answer.status,
                    body=answer.body,
                    content_type=answer.media_type,
                    headers={"Access-Control-Allow-Origin": "*"},
                )
            else:
                await route.abort("failed")

    with playwright_errors(url):
        await page.route(pattern, handle)
    try:
        yield
    finally:
        with suppress(Error):
            await page.unroute(pattern, handle)
