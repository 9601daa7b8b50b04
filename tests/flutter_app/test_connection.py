"""Tabs that close, and an app that stops under open ones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Serving


async def open_tabs(app: httpx.AsyncClient, wanted: int) -> None:
    async with asyncio.timeout(10):
        while (await app.get("/healthz")).json()["open_tabs"] != wanted:
            pass


async def test_a_closed_tab_is_no_longer_updated(
    open_tab: OpenTab, make_person: MakePerson, serving: Serving, backend_url: str
) -> None:
    ada = await make_person("Ada")
    await ada.post("Still there?")
    async with (
        serving("flutter_app", "--backend-url", backend_url) as app_url,
        httpx.AsyncClient(base_url=app_url, trust_env=False) as app,
    ):
        staying, leaving = await open_tab("/", at=app_url), await open_tab("/", at=app_url)
        await staying.shows(f"post-author-by-{ada.id}")
        await leaving.shows(f"post-author-by-{ada.id}")
        await open_tabs(app, 2)
        # Closed amid a burst of updates: something is being sent just then.
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(leaving.page.close())
            for number in range(20):
                tasks.create_task(ada.rename(f"Ada {number}"))
        await open_tabs(app, 1)
        await ada.rename("Ada at last")
        await staying.says(f"post-author-by-{ada.id}", "Ada at last")


async def test_stopping_does_not_wait_for_open_tabs(
    open_tab: OpenTab, serving: Serving, backend_url: str
) -> None:
    async with asyncio.timeout(20):
        async with serving("flutter_app", "--backend-url", backend_url) as app_url:
            tab = await open_tab("/", at=app_url)
            await tab.shows("feed")
            leaving_at = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving_at < 5
