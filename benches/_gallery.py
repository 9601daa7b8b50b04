"""Pictures drawn by the real Flutter engine: avatars of every size and shape, as screenshots show them.

A small Flet app shows screens full of avatars, off the pixel grid, on light and dark surfaces, and a browser
opens it at each pixel ratio. What an app may choose (rendition, offset, surface) is drawn by lot for each
avatar, the same in every run. Images are scaled with Flutter's default filter quality, medium.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import flet as ft
import numpy as np
import uvicorn
from flet_web import fastapi as flet_fastapi  # type: ignore[import-untyped]  # it ships no types
from PIL import Image
from playwright.async_api import Browser, async_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from app_backend.rendering import encode
from flutter_bridge import Node, by, now
from flutter_bridge.web import WebApp, launch_options, open_web_app
from journeys.pictures import Picture, Shape

SURFACES: Final = ("#ffffff", "#fef7ff", "#e6e0e9", "#6750a4", "#00796b", "#141218", "#121212", "#000000")
"""Light and dark themes' own, and two of an app bar."""

_VIEWPORT: Final = (824, 915)
_AROUND: Final = 6
_STRIP: Final = 8
"""Logical pixels at the screen's lower edge whose colour says which screen it is."""
_SHOWN_WITHIN: Final = 20.0
_LEAST_CONTRAST: Final = 1.0
_ORIGINALS: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


@dataclass(frozen=True, eq=False)
class EngineDrawing:
    """A picture as the engine drew it, cropped from a screenshot by its semantics box."""

    picture: Picture
    size: int
    """Logical pixels on a side."""
    ratio: int
    """Device pixels to a logical one."""
    shape: Shape
    crop: Image.Image = field(repr=False)
    served: str
    """What the app was given: a rendition's side in pixels, or `original`."""
    surface: str
    """The colour behind the avatar."""


async def engine_drawings(
    pictures: Sequence[Picture],
    *,
    sizes: Iterable[int] = (24, 40, 64, 120, 240),
    ratios: Iterable[int] = (1, 2, 3),
    shapes: Iterable[Shape] = ("circle", "square"),
) -> AsyncGenerator[EngineDrawing, None]:
    """Have the engine draw each picture in every size, pixel ratio and shape.

    Leave it by `contextlib.aclosing` where not all are taken. Raises `TimeoutError` when one stays empty.
    """
    sizes, shapes = tuple(sizes), tuple(shapes)
    gallery = _Gallery(pictures)
    async with gallery.served() as url, _browser() as browser:
        for ratio in ratios:
            screens = list(_screens(pictures, sizes, ratio, shapes))
            async with _open(browser, url, ratio) as app:
                page = await gallery.pages.get()
                for screen in screens:
                    gallery.show(page, screen)
                    for avatar, crop in await _draw_all(app, screen, ratio):
                        yield EngineDrawing(
                            picture=pictures[avatar.picture],
                            size=avatar.size,
                            ratio=ratio,
                            shape=avatar.shape,
                            crop=crop,
                            served=gallery.choice(avatar),
                            surface=avatar.surface,
                        )


@dataclass(frozen=True)
class _Avatar:
    """One avatar on a screen: what is shown, and where its cell is."""

    picture: int
    name: str
    size: int
    ratio: int
    shape: Shape
    off: tuple[float, float]
    surface: str
    lot: float
    left: int = 0
    top: int = 0

    @property
    def cell(self) -> int:
        return self.size + 2 * _AROUND

    @property
    def identifier(self) -> str:
        return f"picture-{self.picture}-{self.size}-{self.ratio}-{self.shape}"


@dataclass(frozen=True)
class _GalleryScreen:
    number: int
    avatars: tuple[_Avatar, ...]

    @property
    def colour(self) -> tuple[int, int, int]:
        """The colour of the strip, unlike those of the screens before and after."""
        return (self.number * 67 % 256, self.number * 131 % 256, self.number * 29 % 256)


class _Gallery:
    """The app, and the server that gives it its images."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self.pages: asyncio.Queue[ft.Page] = asyncio.Queue()
        self._pictures = pictures
        self._renditions: dict[int, dict[int, bytes]] = {}

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve on a free port; the address."""
        app = Starlette(
            routes=[
                Route("/images/{picture:int}/{choice}", self._image),
                Mount("/", flet_fastapi.app(self._main, no_cdn=True, web_renderer=ft.WebRenderer.SKWASM)),
            ]
        )
        listening = socket.create_server(("127.0.0.1", 0))
        # Who takes the drawings may keep this loop busy for a while: no pings.
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", ws="websockets-sansio", ws_ping_interval=None)
        )
        await flet_fastapi.app_manager.start()
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
            await flet_fastapi.app_manager.shutdown()

    def choice(self, avatar: _Avatar) -> str:
        """Choose what the app shows: half of them as the reference app does, others as others do."""
        pixels = avatar.size * avatar.ratio
        if avatar.lot < 0.5:
            return "96" if avatar.size <= 48 else "512"
        if avatar.lot < 0.75 and self._pictures[avatar.picture].media_type in _ORIGINALS:
            return "original"
        return str(next((side for side in self._sides(avatar.picture) if side >= pixels), 512))

    def show(self, page: ft.Page, screen: _GalleryScreen) -> None:
        """Put a screen in the place of the one shown."""
        strip = ft.Container(
            left=0,
            top=_VIEWPORT[1] - _STRIP,
            width=_VIEWPORT[0],
            height=_STRIP,
            bgcolor="#{:02x}{:02x}{:02x}".format(*screen.colour),
        )
        cells: list[ft.Control] = [self._cell(avatar) for avatar in screen.avatars]
        _put(page, ft.Stack([*cells, strip], width=_VIEWPORT[0], height=_VIEWPORT[1]))

    def _cell(self, avatar: _Avatar) -> ft.Container:
        drawn = ft.Container(
            ft.Image(
                # An address of its own, so that nothing is shown before it is loaded for this very avatar.
                src=f"/images/{avatar.picture}/{self.choice(avatar)}?for={avatar.identifier}",
                width=avatar.size,
                height=avatar.size,
                fit=ft.BoxFit.COVER,
                exclude_from_semantics=True,
            ),
            width=avatar.size,
            height=avatar.size,
            border_radius={"circle": avatar.size / 2, "rounded": avatar.size / 5, "square": 0}[avatar.shape],
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        )
        node = ft.Semantics(
            identifier=avatar.identifier, container=True, image=True, label="Avatar", content=drawn
        )
        placed = ft.Container(node, left=_AROUND + avatar.off[0], top=_AROUND + avatar.off[1])
        return ft.Container(
            ft.Stack([placed], width=avatar.cell, height=avatar.cell),
            left=avatar.left,
            top=avatar.top,
            width=avatar.cell,
            height=avatar.cell,
            bgcolor=avatar.surface,
        )

    def _sides(self, picture: int) -> dict[int, bytes]:
        if picture not in self._renditions:
            self._renditions[picture] = encode(self._pictures[picture].image)
        return self._renditions[picture]

    async def _image(self, request: Request) -> Response:
        number, choice = request.path_params["picture"], request.path_params["choice"]
        picture = self._pictures[number]
        if choice == "original":
            return Response(picture.encoded, media_type=picture.media_type)
        return Response(self._sides(number)[int(choice)], media_type="image/webp")

    async def _main(self, page: ft.Page) -> None:
        _put(page, ft.Semantics(identifier="gallery", content=ft.Text("Nothing yet")))
        await self.pages.put(page)


def _put(page: ft.Page, content: ft.Control) -> None:
    page.views.clear()
    page.views.append(ft.View(route="/", controls=[content], padding=0, spacing=0, bgcolor="#ffffff"))
    page.update()


def _screens(
    pictures: Sequence[Picture], sizes: Sequence[int], ratio: int, shapes: Sequence[Shape]
) -> Iterator[_GalleryScreen]:
    """Lay all avatars out on screens, in rows of one size."""
    number, left, top, row = 1, 0, 0, 0
    avatars: list[_Avatar] = []
    for size in sorted(sizes, reverse=True):
        for index, picture in enumerate(pictures):
            for shape in shapes:
                avatar = _by_lot(index, picture.name, size, ratio, shape)
                if left + avatar.cell > _VIEWPORT[0]:
                    left, top = 0, top + row
                if left == 0:
                    row = avatar.cell
                if top + avatar.cell > _VIEWPORT[1] - _STRIP:
                    yield _GalleryScreen(number, tuple(avatars))
                    number, avatars, left, top, row = number + 1, [], 0, 0, avatar.cell
                avatars.append(replace(avatar, left=left, top=top))
                left += avatar.cell
    if avatars:
        yield _GalleryScreen(number, tuple(avatars))


def _by_lot(picture: int, name: str, size: int, ratio: int, shape: Shape) -> _Avatar:
    lots = np.random.default_rng([picture, size, ratio, ("circle", "rounded", "square").index(shape)])
    right, down = (round(float(part), 3) for part in lots.uniform(0.0, 1.0, 2))
    return _Avatar(
        picture=picture,
        name=name,
        size=size,
        ratio=ratio,
        shape=shape,
        off=(right, down),
        surface=SURFACES[int(lots.integers(len(SURFACES)))],
        lot=float(lots.random()),
    )


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        options = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def _open(browser: Browser, url: str, ratio: int) -> AsyncIterator[WebApp]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_web_app(
            new_context=browser.new_context,
            url=url,
            artifacts=Path(folder),
            viewport={"width": _VIEWPORT[0], "height": _VIEWPORT[1]},
            device_scale_factor=ratio,
        ) as app:
            await app.find(by.identifier("gallery"))
            yield app


async def _draw_all(app: WebApp, screen: _GalleryScreen, ratio: int) -> list[tuple[_Avatar, Image.Image]]:
    """Wait until a screen is drawn with all its images, and cut the avatars out."""
    nodes = await _nodes(app, screen)
    until = now() + _SHOWN_WITHIN
    before = b""
    while True:
        shot = await app.screenshot()
        empty = _empty(shot, screen, nodes, ratio)
        if not empty and shot.tobytes() == before:
            return [(avatar, _crop(shot, nodes[avatar.identifier], ratio)) for avatar in screen.avatars]
        if now() >= until:
            what = f"{empty[0].name} at {empty[0].size} px was not drawn" if empty else "it kept changing"
            raise TimeoutError(
                f"screen {screen.number} at ratio {ratio}: {what} within {_SHOWN_WITHIN:.0f} s; "
                "can a browser show this picture?"
            )
        before = b"" if empty else shot.tobytes()


async def _nodes(app: WebApp, screen: _GalleryScreen) -> dict[str, Node]:
    wanted = {avatar.identifier for avatar in screen.avatars}
    await app.find(by.identifier(screen.avatars[-1].identifier), timeout=_SHOWN_WITHIN)
    nodes = {node.identifier: node for node in await app.semantics() if node.identifier in wanted}
    if len(nodes) < len(wanted):
        raise TimeoutError(f"screen {screen.number}: {len(wanted) - len(nodes)} avatars have no semantics")
    return nodes


def _empty(shot: Image.Image, screen: _GalleryScreen, nodes: dict[str, Node], ratio: int) -> list[_Avatar]:
    """Return the avatars that show nothing yet; all of them while another screen is shown."""
    strip = shot.getpixel((shot.width // 2, shot.height - _STRIP * ratio // 2))
    if strip != screen.colour:
        return list(screen.avatars)
    crops = ((avatar, _crop(shot, nodes[avatar.identifier], ratio)) for avatar in screen.avatars)
    return [avatar for avatar, crop in crops if np.asarray(crop.convert("L")).std() < _LEAST_CONTRAST]


def _crop(shot: Image.Image, node: Node, ratio: int) -> Image.Image:
    """Cut an avatar out as the measurement does: on whole pixels."""
    box = node.box
    edges = (box.left, box.top, box.right, box.bottom)
    left, top, right, bottom = (round(edge * ratio) for edge in edges)
    return shot.crop((left, top, right, bottom))
