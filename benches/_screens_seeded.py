"""Draws the sample screens by the real engine, as they should be and changed, and has them compared."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import flet as ft
import numpy as np
import pybind11_pixelmatch  # type: ignore[import-untyped]  # it says no types
import uvicorn
from flet_web import fastapi as flet_fastapi  # type: ignore[import-untyped]  # it ships no types
from PIL import Image
from playwright.async_api import async_playwright
from starlette.applications import Starlette
from starlette.routing import Mount

from benches._screens_app import SCREENS, VIEWPORT, Change, Screen
from flutter_bridge import Node, Role, Tree, by, now
from flutter_bridge.web import WebApp, launch_options, open_web_app
from journeys.snapshots import Capture, ScreenStatus, capture_screen
from journeys.snapshots.comparison import SAME_SHAPES, Difference, compare, compare_trees

_SHOWN_WITHIN = 20.0
_MARKER = "screen-"


@dataclass(frozen=True)
class Judgement:
    """What came of one seeded change: which opinions saw it, in the words of the summary."""

    change: Change
    pixels: bool
    """The verdict: the other opinions say what it is."""
    perception: bool
    semantics: bool
    pixelmatch: int
    """Pixels that differ by plain pixelmatch at its default."""
    summary: str


class Stage:
    """A page of the sample app; whatever is shown replaces what was."""

    def __init__(self, app: WebApp, page: ft.Page) -> None:
        self._app = app
        self._page = page
        self._number = 0

    async def show(self, screen: Screen) -> Capture:
        """Show a screen, and capture it when it is drawn with all its pictures and at rest."""
        self._number += 1
        marker = ft.Semantics(identifier=f"{_MARKER}{self._number}", content=ft.Container(width=1, height=1))
        page = self._page
        page.theme_mode = screen.theme_mode
        page.theme = page.dark_theme = ft.Theme(color_scheme_seed=screen.seed)
        page.views.clear()
        content = ft.Stack([screen.body, ft.Container(marker, left=0, top=VIEWPORT[1] - 2)], expand=True)
        page.views.append(ft.View(route="/", controls=[content], padding=0, spacing=0))
        page.update()
        await self._app.find(by.identifier(f"{_MARKER}{self._number}"), timeout=_SHOWN_WITHIN)
        await self._pictures_drawn()
        return await self.look()

    async def look(self) -> Capture:
        """Capture what is shown once more."""
        # Nothing on these screens goes by itself.
        return await capture_screen(self._app, linger_s=0)

    async def _pictures_drawn(self) -> None:
        """Wait until each picture shows something: an image is decoded some time after it is there."""
        deadline = now() + _SHOWN_WITHIN
        while now() < deadline:
            tree, shot = await self._app.semantics(), await self._app.screenshot()
            boxes = [node.box for node in tree if node.role is Role.IMAGE and node.label]
            crops = [
                shot.crop((int(b.left) + 8, int(b.top) + 8, int(b.right) - 8, int(b.bottom) - 8))
                for b in boxes
            ]
            if all(np.asarray(crop.convert("L")).std() > 2 for crop in crops):
                return
        raise TimeoutError(f"a picture was not drawn within {_SHOWN_WITHIN:.0f} s")


@asynccontextmanager
async def stage(arguments: Sequence[str] = ()) -> AsyncIterator[Stage]:
    """Serve the sample app and open it in a browser, started with further `arguments`."""
    pages: asyncio.Queue[ft.Page] = asyncio.Queue()

    async def main(page: ft.Page) -> None:
        page.views.append(
            ft.View(route="/", controls=[ft.Semantics(identifier="stage", content=ft.Text("Nothing yet"))])
        )
        page.update()
        await pages.put(page)

    served = flet_fastapi.app(main, no_cdn=True, web_renderer=ft.WebRenderer.SKWASM)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[Mount("/", served)]),
            log_level="warning",
            ws="websockets-sansio",
            ws_ping_interval=None,
        )
    )
    await flet_fastapi.app_manager.start()
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with async_playwright() as playwright:
            options = launch_options(
                bundled=playwright.chromium.executable_path, given={"args": list(arguments)}
            )
            browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
            try:
                with tempfile.TemporaryDirectory() as folder:
                    async with open_web_app(
                        new_context=browser.new_context,
                        url=f"http://127.0.0.1:{listening.getsockname()[1]}",
                        artifacts=Path(folder),
                        viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]},
                        device_scale_factor=1,
                    ) as app:
                        await app.find(by.identifier("stage"), timeout=_SHOWN_WITHIN)
                        yield Stage(app, await pages.get())
            finally:
                await browser.close()
    finally:
        server.should_exit = True
        await serving
        await flet_fastapi.app_manager.shutdown()


async def baselines(on: Stage) -> dict[str, Capture]:
    """Capture each screen as it should be."""
    return {name: await on.show(build()) for name, build in SCREENS.items()}


async def judge_change(on: Stage, known: dict[str, Capture], change: Change) -> Judgement:
    """Make one change and have the screen compared."""
    screen = SCREENS[change.screen]()
    change.edit(screen)
    before, after = known[change.screen], await on.show(screen)
    found = held(after, before)
    if after.image.tobytes() == before.image.tobytes():
        raise RuntimeError(
            f"{change.screen}, {change.what}: the engine draws this no differently, so it is no seed"
        )
    return Judgement(
        change=change,
        pixels=found.status is not ScreenStatus.SAME,
        perception=any(region.hash_distance > SAME_SHAPES for region in found.regions),
        semantics=bool(compare_trees(_tree(after), _tree(before)).reasons),
        pixelmatch=plain_pixelmatch(after.image, before.image),
        summary=found.summary,
    )


def held(after: Capture, before: Capture) -> Difference:
    """Compare two captures."""
    return compare(
        after.image,
        before.image,
        tree=_tree(after),
        baseline_tree=_tree(before),
        pixel_ratio=after.pixel_ratio,
    )


def plain_pixelmatch(after: Image.Image, before: Image.Image) -> int:
    """Return how many pixels differ by pixelmatch, in C++, at its defaults."""
    sides = [np.ascontiguousarray(np.asarray(image.convert("RGBA"))) for image in (before, after)]
    return int(pybind11_pixelmatch.pixelmatch(*sides))


def _tree(taken: Capture) -> Tree:
    """Return what a screen said, without the node that says which screen it is: that is the bench's own."""
    root = taken.tree.root

    def pruned(node: Node) -> Node:
        below = (child for child in node.children if not child.identifier.startswith(_MARKER))
        return replace(node, children=tuple(pruned(child) for child in below))

    return Tree(pruned(root), taken.tree.screen, taken.tree.pixel_ratio)


async def capture_again(on: Stage, known: Mapping[str, Capture], count: int) -> tuple[int, int, list[str]]:
    """Capture each screen `count` times: how many captures, how many that differ, and in what.

    Every tenth time a screen is built and shown anew, between them it is looked at again.
    """
    captures, lines = 0, []
    for name, build in SCREENS.items():
        for number in range(count):
            taken = await (on.show(build()) if number % 10 == 0 else on.look())
            captures += 1
            found = held(taken, known[name])
            if found.status is not ScreenStatus.SAME:
                lines.append(f"{name}, capture {number + 1}: {found.summary}")
    return captures, len(lines), lines


async def with_flags(known: Mapping[str, Capture], flags: Sequence[str]) -> dict[str, object]:
    """Capture each screen in a browser that was started with other flags, and say how it differs."""
    async with stage(flags) as on:
        differences = {name: held(await on.show(build()), known[name]) for name, build in SCREENS.items()}
    return {
        "flags": list(flags),
        "screens": len(differences),
        "differing": sum(found.status is not ScreenStatus.SAME for found in differences.values()),
        "pixels": sum(region.pixels for found in differences.values() for region in found.regions),
        "tolerated": sum(found.tolerated for found in differences.values()),
        "regions": sum(len(found.regions) for found in differences.values()),
        "regions_alike": sum(
            region.hash_distance <= SAME_SHAPES for found in differences.values() for region in found.regions
        ),
    }
