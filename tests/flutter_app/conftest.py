"""A real backend, the real app, and real browser tabs to look at it."""

from __future__ import annotations

import asyncio
import io
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FilePayload, Locator, Page, async_playwright, expect

from flutter_bridge.web import launch_options

# Semantics are off until asked for; the placeholder takes no real click, for it lies outside the window.
_SHOWS = """identifier => {
    const off = document.querySelector('flt-semantics-placeholder');
    off?.dispatchEvent(new MouseEvent('click', {bubbles: true}));
    return document.querySelector(`[flt-semantics-identifier="${identifier}"]`) !== null;
}"""
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@asynccontextmanager
async def _serving(module: str, *arguments: str) -> AsyncIterator[str]:
    """Run `python -m module` for as long as the context is open; yields the address it says it serves on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        "--until-stdin-closes",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        assert " serving on " in line, line
        yield line.split()[-1]
    finally:
        process.stdin.close()
        assert await process.wait() == 0


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    api: httpx.AsyncClient
    id: str
    name: str
    email: str
    password: str
    token: str
    refresh_token: str

    async def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """Ask the backend directly, as this person."""
        headers = {"Authorization": f"Bearer {self.token}", **arguments.pop("headers", {})}
        response = await self.api.request(method, path, headers=headers, **arguments)
        response.raise_for_status()
        return response.json()

    async def post(self, text: str) -> None:
        await self.ask("POST", "/posts", json={"text": text})

    async def rename(self, name: str) -> None:
        await self.ask("PATCH", "/me", json={"display_name": name})

    async def set_picture(self, picture: bytes) -> None:
        await self.ask("PUT", "/me/avatar", content=picture, headers={"Content-Type": "image/png"})


class Tab:
    """A browser tab with the app in it, looked at through its semantics."""

    def __init__(self, page: Page, app_url: str) -> None:
        self.page = page
        self._app_url = app_url

    async def open(self, link: str) -> None:
        await self.page.goto(self._app_url + link)

    def node(self, identifier: str) -> Locator:
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]').first

    async def shows(self, *identifiers: str) -> None:
        for identifier in identifiers:
            await self.page.wait_for_function(_SHOWS, arg=identifier)

    async def says(self, identifier: str, text: str) -> None:
        await self.shows(identifier)
        await expect(self.node(identifier)).to_have_text(text)

    async def lacks(self, identifier: str) -> None:
        await expect(self.node(identifier)).to_have_count(0)

    async def tap(self, identifier: str) -> None:
        await self.shows(identifier)
        await self.node(identifier).click()

    async def type(self, identifier: str, text: str) -> None:
        """Fill a field; again where the field was just made and takes back its own text at the next frame."""
        await self.shows(identifier)
        field = self.node(identifier).locator("input, textarea")
        for _ in range(5):
            await field.click()
            await field.fill(text)
            await self.page.evaluate(_TWO_FRAMES)
            if await field.input_value() == text:
                return
        raise AssertionError(f"{identifier} does not keep {text!r}")

    async def choose_picture(self, *, name: str, content: bytes) -> None:
        await self.shows("profile-change-picture")
        async with self.page.expect_file_chooser() as chooser:
            await self.tap("profile-change-picture")
        file: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
        await (await chooser.value).set_files(files=[file])


Serving = Callable[..., AbstractAsyncContextManager[str]]
OpenTab = Callable[..., Awaitable[Tab]]
MakePerson = Callable[..., Awaitable[Person]]


@pytest.fixture
def serving() -> Serving:
    return _serving


@pytest.fixture(scope="session")
async def backend_url() -> AsyncIterator[str]:
    async with _serving("app_backend") as url:
        yield url


@pytest.fixture(scope="session")
async def app_url(backend_url: str) -> AsyncIterator[str]:
    async with _serving("flutter_app", "--backend-url", backend_url) as url:
        yield url


@pytest.fixture(scope="session")
async def api(backend_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=backend_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        options: dict[str, Any] = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)
        yield browser
        await browser.close()


@pytest.fixture
async def make_person(api: httpx.AsyncClient) -> MakePerson:
    async def make(name: str = "Ada") -> Person:
        email, password = f"{uuid.uuid4().hex}@example.test", "correct horse"
        body = {"email": email, "password": password, "display_name": name}
        response = await api.post("/accounts", json=body)
        response.raise_for_status()
        told = response.json()
        return Person(api, told["profile"]["id"], name, email, password, told["token"], told["refresh_token"])

    return make


@pytest.fixture
async def open_tab(chromium: Browser, app_url: str) -> AsyncIterator[OpenTab]:
    """Open the app in a browser of its own; with `person`, one in which they signed in before."""
    async with AsyncExitStack() as stack:

        async def open_one(link: str = "/", *, person: Person | None = None, at: str = app_url) -> Tab:
            context = await chromium.new_context(viewport={"width": 412, "height": 915})
            stack.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            if person is not None:
                kept = {"token": person.token, "refresh_token": person.refresh_token}
                remember = "".join(
                    f"""localStorage.setItem('flutter.roundel.{name}', '"{token}"');"""
                    for name, token in kept.items()
                )
                await context.add_init_script(f"if (!localStorage.length) {{ {remember} }}")
            tab = Tab(await context.new_page(), at)
            await tab.open(link)
            return tab

        yield open_one


@pytest.fixture
def draw() -> Callable[[str], bytes]:
    """Draw a picture that has one colour in the middle."""

    def drawn(colour: str) -> bytes:
        picture = Image.new("RGB", (256, 256), "white")
        ImageDraw.Draw(picture).ellipse((40, 40, 216, 216), fill=colour)
        encoded = io.BytesIO()
        picture.save(encoded, "PNG")
        return encoded.getvalue()

    return drawn
