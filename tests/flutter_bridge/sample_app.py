"""A small Flutter app (Flet) with one of everything a `FlutterApp` has to drive; run as a program it serves itself."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import fastapi
import flet as ft
import flet_web.fastapi as flet_fastapi
import uvicorn
from PIL import Image, ImageDraw


def picture(size: int = 96) -> bytes:
    """Draw a picture with enough structure to recognise."""
    drawn = Image.new("RGB", (size, size), "#204080")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((size // 8, size // 8, size // 2, size // 2), fill="#f0c020")
    pen.ellipse((size // 2, size // 2, size - 8, size - 8), fill="#c03030")
    encoded = io.BytesIO()
    drawn.save(encoded, "PNG")
    return encoded.getvalue()


async def main(page: ft.Page) -> None:
    """Show the sample app to one visitor."""
    page.title = "Sample"
    count = 0
    counted = ft.Text("Pressed 0 times")
    said = ft.Text("Said: nothing")
    picked = ft.Text("Picked: nothing")
    late = ft.Column()
    picker = ft.FilePicker()

    def press(_: ft.Event[ft.Button]) -> None:
        nonlocal count
        count += 1
        counted.value = f"Pressed {count} times"
        page.update()

    def say(event: ft.Event[ft.TextField]) -> None:
        said.value = f"Said: {event.control.value}"
        page.update()

    async def choose(_: ft.Event[ft.Button]) -> None:
        files = await picker.pick_files()
        picked.value = f"Picked: {files[0].name} of {files[0].size} bytes" if files else "Picked: nothing"
        page.update()

    async def appear(_: ft.Event[ft.Button]) -> None:
        await asyncio.sleep(0.3)
        late.controls = [] if late.controls else [named("late", ft.Text("Better late"))]
        page.update()

    def named(identifier: str, content: ft.Control, **semantics: object) -> ft.Semantics:
        return ft.Semantics(identifier=identifier, content=content, **semantics)  # type: ignore[arg-type]

    def home() -> list[ft.Control]:
        avatar = ft.Image(src=picture(), width=40, height=40, gapless_playback=True)
        return [
            ft.Row([named("avatar", avatar, label="Avatar of Ada", image=True), ft.Text("Sample", size=20)]),
            ft.Semantics(identifier="title", heading_level=1, content=ft.Text("Everything there is")),
            ft.Row(
                [
                    named("press", ft.Button("Press me", on_click=press)),
                    named("disabled", ft.Button("Not me", disabled=True)),
                    named("slow", ft.Button("Later", on_click=appear)),
                    named("choose", ft.Button("Choose a file", on_click=choose)),
                    named(
                        "go",
                        ft.Button(
                            "Go on", on_click=lambda _: asyncio.create_task(page.push_route("/second"))
                        ),
                    ),
                    ft.IconButton(ft.Icons.STAR, tooltip="Star it"),
                ],
                wrap=True,
            ),
            named("counted", counted),
            named("said", said),
            named("picked", picked),
            late,
            named("field", ft.TextField(label="Say something", value="before", on_change=say)),
            named("secret", ft.TextField(label="Password", password=True)),
            named("story", ft.TextField(label="Story", multiline=True, min_lines=2, max_lines=2)),
            ft.Row(
                [
                    named("agree", ft.Checkbox(label="I agree")),
                    named("night", ft.Switch(label="Night")),
                    named("volume", ft.Slider(value=40, min=0, max=100, divisions=10)),
                ],
                wrap=True,
            ),
            named(
                "list",
                ft.ListView(
                    [
                        ft.Row(
                            [
                                named(
                                    f"item-{number}",
                                    ft.Image(src=picture(), width=48, height=48),
                                    label=f"Picture {number}",
                                    image=True,
                                ),
                                ft.Text(f"Row {number}"),
                            ]
                        )
                        for number in range(60)
                    ],
                    height=200,
                    spacing=8,
                ),
            ),
        ]

    def second() -> list[ft.Control]:
        return [named("place", ft.Text("The second place")), named("third", ft.Text(f"Route {page.route}"))]

    def show() -> None:
        page.views.clear()
        page.views.append(ft.View(route=page.route, controls=home() if page.route == "/" else second()))
        page.update()

    page.on_route_change = lambda _: show()
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


async def serve(port: int) -> None:
    """Serve until standard input closes, so that the app never outlives who started it."""
    server = uvicorn.Server(
        uvicorn.Config(served(), host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    print(
        f"sample_app: serving on http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True
    )
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
