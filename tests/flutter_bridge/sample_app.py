"""A small Flutter app with one of everything that a `FlutterApp` has to drive; serves itself when run."""

from __future__ import annotations

import asyncio
import io
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import fastapi
import flet as ft
import flet_web.fastapi as flet_fastapi  # type: ignore[import-untyped]  # it ships no types
import uvicorn
from PIL import Image, ImageDraw

from tests.flutter_bridge.sample_form import Form
from tests.flutter_bridge.sample_motions import Motions
from tests.flutter_bridge.sample_playground import Playground, with_identifier


def _picture(size: int = 96) -> bytes:
    drawn = Image.new("RGB", (size, size), "#204080")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((size // 8, size // 8, size // 2, size // 2), fill="#f0c020")
    pen.ellipse((size // 2, size // 2, size - 8, size - 8), fill="#c03030")
    encoded = io.BytesIO()
    drawn.save(encoded, "PNG")
    return encoded.getvalue()


PICTURE = _picture()


class Home:
    """The first screen; each visit to another address of it begins with nothing pressed, said or picked."""

    def __init__(self, page: ft.Page) -> None:
        self._page = page
        self._count = 0
        self._counted = ft.Text("Pressed 0 times")
        self._lamp = ft.Container(width=40, height=40, bgcolor="#808080")
        self._said = ft.Text("Said: nothing")
        self._picked = ft.Text("Picked: nothing")
        self._set = ft.Text("Agreed: False, night: False")
        self._late = ft.Column()
        self._agree = ft.Checkbox(label="I agree", on_change=self.set)
        self._night = ft.Switch(label="Night", on_change=self.set)

    def press(self) -> None:
        """Count, and light the lamp."""
        self._lamp.bgcolor = "#00ff00"
        self._count += 1
        self._counted.value = f"Pressed {self._count} times"

    def say(self, event: ft.Event[ft.TextField]) -> None:
        """Repeat what a field says."""
        self._said.value = f"Said: {event.control.value}"

    def set(self) -> None:
        """Say what is checked."""
        self._set.value = f"Agreed: {self._agree.value}, night: {self._night.value}"

    async def choose(self) -> None:
        """Say which file was picked."""
        files = await ft.FilePicker().pick_files()
        self._picked.value = (
            f"Picked: {files[0].name} of {files[0].size} bytes" if files else "Picked: nothing"
        )
        self._page.update()

    async def appear(self) -> None:
        """Show or hide a text, a little late."""
        await asyncio.sleep(0.3)
        self._late.controls = [] if self._late.controls else [with_identifier("late", ft.Text("Better late"))]
        self._page.update()

    async def go_on(self) -> None:
        """Open the second screen."""
        await self._page.push_route("/second")

    def controls(self) -> list[ft.BaseControl]:
        """Return everything on the screen."""
        avatar = ft.Image(src=PICTURE, width=40, height=40, gapless_playback=True)
        return [
            ft.Row(
                [
                    with_identifier("avatar", avatar, label="Avatar of Ada", image=True),
                    ft.Text("Sample", size=20),
                    with_identifier("lamp", self._lamp, label="Lamp"),
                    # Two visits look different: whoever waits for the next one need not wait in vain.
                    ft.Text(self._page.route, size=10),
                ]
            ),
            ft.Semantics(identifier="title", heading_level=1, content=ft.Text("Everything there is")),
            ft.Row(
                [
                    with_identifier("press", ft.Button("Press me", on_click=self.press)),
                    with_identifier("disabled", ft.Button("Not me", disabled=True)),
                    with_identifier("slow", ft.Button("Later", on_click=self.appear)),
                    with_identifier("choose", ft.Button("Choose a file", on_click=self.choose)),
                    with_identifier("go", ft.Button("Go on", on_click=self.go_on)),
                    ft.IconButton(ft.Icons.STAR, tooltip="Star it"),
                ],
                wrap=True,
            ),
            with_identifier("counted", self._counted),
            with_identifier("said", self._said),
            with_identifier("picked", self._picked),
            self._set,
            self._late,
            with_identifier("field", ft.TextField(label="Say something", value="before", on_change=self.say)),
            with_identifier("short", ft.TextField(label="Short", max_length=3)),
            with_identifier("secret", ft.TextField(label="Password", password=True)),
            with_identifier("story", ft.TextField(label="Story", multiline=True, min_lines=2, max_lines=2)),
            ft.Row(
                [
                    ft.Container(with_identifier("agree", self._agree), width=110),
                    with_identifier("night", self._night),
                    ft.Container(with_identifier("volume", ft.Slider(value=40, min=0, max=100)), width=150),
                ]
            ),
            with_identifier(
                "list", ft.ListView([self._row(number) for number in range(30)], height=150, spacing=8)
            ),
        ]

    def _row(self, number: int) -> ft.Row:
        image = ft.Image(src=PICTURE, width=48, height=48)
        return ft.Row(
            [
                with_identifier(f"item-{number}", image, label=f"Picture {number}", image=True),
                ft.Text(f"Row {number}"),
            ]
        )


def theme(*, slides: bool) -> ft.Theme:
    """Say whether a screen slides over the last: not where a test begins, whose taps would miss it."""
    if slides:
        return ft.Theme()
    none = ft.PageTransitionTheme.NONE
    on_each = ft.PageTransitionsTheme(android=none, ios=none, linux=none, macos=none, windows=none)
    return ft.Theme(page_transitions=on_each)


def main(page: ft.Page) -> None:
    """Show the sample app to one visitor."""
    page.title = "Sample"
    shown_at: list[str] = []

    def show() -> None:
        if shown_at[-1:] == [page.route]:
            return  # told of the route it began with: a second screen like the first would swallow taps on it
        shown_at.append(page.route)
        button: ft.FloatingActionButton | None = None
        if page.route.startswith("/second"):
            shown: list[ft.BaseControl] = [
                with_identifier("place", ft.Text(f"Second place, at {page.route}"))
            ]
        elif page.route.startswith("/form"):
            shown, button = Form(page).controls(), ft.FloatingActionButton(icon=ft.Icons.ADD, tooltip="Add")
        elif page.route.startswith("/playground"):
            shown = Playground(page).controls()
        elif page.route.startswith("/motions"):
            shown = Motions(page).controls()
        else:
            shown = Home(page).controls()
        page.theme = theme(slides=page.route.startswith("/second"))
        page.views.clear()
        page.views.append(ft.View(route=page.route, controls=shown, floating_action_button=button))
        page.update()

    page.on_route_change = show
    show()


def served(renderer: str = "skwasm") -> fastapi.FastAPI:
    """Return the sample app as a web app."""

    @asynccontextmanager
    async def lifespan(_: fastapi.FastAPI) -> AsyncIterator[None]:
        await flet_fastapi.app_manager.start()
        yield
        await flet_fastapi.app_manager.shutdown()

    app = fastapi.FastAPI(lifespan=lifespan)
    app.mount("/", flet_fastapi.app(main, no_cdn=True, web_renderer=ft.WebRenderer(renderer)))
    return app


async def serve() -> None:
    """Serve on a free port until standard input closes, so that the app never outlives who started it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(served(), log_level="warning", ws="websockets-sansio"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(serve())
