"""A backend that is away and comes back: the app says so, loses nothing, and catches up by itself."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from playwright.async_api import expect

from tests.flutter_app.conftest import Person

if TYPE_CHECKING:
    from tests.flutter_app.conftest import OpenTab, Serving


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def test_the_app_waits_for_its_backend_and_recovers_by_itself(
    open_tab: OpenTab, serving: Serving, tmp_path: Path
) -> None:
    port = free_port()
    async with serving("flutter_app", "--backend-url", f"http://127.0.0.1:{port}") as app_url:
        tab = await open_tab("/", at=app_url)
        await tab.says("offline", "No connection to the server. Trying again.")
        await tab.shows("problem", "retry")
        async with serving("app_backend", "--port", str(port), "--data", str(tmp_path)):
            await tab.shows("feed-empty")
            await tab.lacks("offline")


async def test_the_app_catches_up_with_what_changed_while_it_was_cut_off(
    open_tab: OpenTab, serving: Serving, tmp_path: Path
) -> None:
    port = free_port()
    data = ("--data", str(tmp_path))
    async with serving("flutter_app", "--backend-url", f"http://127.0.0.1:{port}") as app_url:
        async with serving("app_backend", "--port", str(port), *data) as url:
            ada = await register(url)
            await ada.post("Taken back meanwhile")
            tab = await open_tab("/", person=ada, at=app_url)
            await tab.says(f"post-text-by-{ada.id}", "Taken back meanwhile")
            await tab.type("post-compose", "Written in the tunnel")

        await ada.api.aclose()
        # What was read stays on screen meanwhile.
        await tab.shows("offline", f"post-text-by-{ada.id}")
        await tab.tap("post-submit")
        await tab.shows("post-error")

        # Where others reach it, and this app doesn't.
        async with serving("app_backend", "--port", str(free_port()), *data) as elsewhere:
            there = dataclasses.replace(ada, api=httpx.AsyncClient(base_url=elsewhere, trust_env=False))
            (post,) = (await there.ask("GET", "/feed"))["items"]
            await there.ask("DELETE", f"/posts/{post['id']}")
            await there.rename("Countess")
            await there.post("Written meanwhile")
            await there.api.aclose()

        async with serving("app_backend", "--port", str(port), *data):
            await tab.lacks("offline")
            await tab.says("header-name", "Countess")
            await tab.says(f"post-author-by-{ada.id}", "Countess")
            await tab.says(f"post-text-by-{ada.id}", "Written meanwhile")
            await expect(tab.page.get_by_text("Taken back meanwhile")).to_have_count(0)
            # What could not be sent is still there to be sent.
            await tab.tap("post-submit")
            await tab.says(f"post-text-by-{ada.id}", "Written in the tunnel")


async def register(backend_url: str) -> Person:
    api = httpx.AsyncClient(base_url=backend_url, trust_env=False)
    wish = {"email": "ada@example.test", "password": "correct horse"}
    answer = await api.post("/accounts", json=wish | {"display_name": "Ada"})
    answer.raise_for_status()
    account = answer.json()
    return Person(
        api,
        account["profile"]["id"],
        "Ada",
        wish["email"],
        wish["password"],
        account["token"],
        account["refresh_token"],
    )
