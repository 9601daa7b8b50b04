"""The daemon's own interface: whether it is alive and what it has, adb's commands, faults for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from fake_android.adb import Host, Streams
from fake_android.adb.activities import CRASHED
from fake_android.adb.client import EXIT, STDERR, STDOUT
from fake_android.attached import Attached
from fake_android.device import DeviceGone

LONGEST_ORDER = 1 * 2**20
ALIVE = "/healthz"
"""Answered without the token: that the phones are there, and nothing of them."""

DIALOGS = {"permission", "not responding"}


def create_control(host: Host, status: dict[str, Any]) -> Starlette:
    """Return the app that answers the daemon's own port; `status` is what `GET /status` says of it."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        phones = [_described(phone) for phone in host.phones.values()]
        return JSONResponse(status | {"devices": phones})

    async def adb(request: Request) -> Response:
        folder, *words = (await request.body()).decode(errors="surrogateescape").split("\0")
        return StreamingResponse(_run(host, words, Path(folder)), media_type="application/octet-stream")

    async def faults(request: Request) -> Response:
        phone = host.phones.get(request.path_params["serial"])
        if phone is None:
            return JSONResponse({"error": f"no device {request.path_params['serial']!r}"}, status_code=404)
        try:
            asked = await request.json()
            await _break(host, phone, asked)
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except DeviceGone:
            return JSONResponse({"error": "the device is gone"}, status_code=409)
        return JSONResponse(_described(phone))

    return Starlette(
        routes=[
            Route(ALIVE, alive),
            Route("/status", ready),
            Route("/adb", adb, methods=["POST"]),
            Route("/devices/{serial}/faults", faults, methods=["PUT"]),
        ]
    )


def _described(phone: Attached) -> dict[str, Any]:
    setup = phone.device.setup
    return {
        "serial": phone.serial,
        "plugged": phone.plugged,
        "size": list(setup.size),
        "pixel_ratio": setup.pixel_ratio,
        "apps": {app.package: app.activity for app in phone.device.apps.values()},
    }


async def _run(host: Host, words: list[str], folder: Path) -> AsyncIterator[bytes]:
    """Run a command, and yield what it writes as it comes: kind, length in four bytes, content."""
    written: asyncio.Queue[bytes | None] = asyncio.Queue()

    def write(kind: bytes, content: bytes) -> None:
        if content:
            written.put_nowait(kind + len(content).to_bytes(4, "big") + content)

    streams = Streams(lambda content: write(STDOUT, content), lambda content: write(STDERR, content))

    async def run() -> None:
        code = 1
        try:
            code = await host.run(words, folder, streams)
        finally:
            write(EXIT, bytes([code & 255]))
            written.put_nowait(None)

    command = asyncio.create_task(run())
    try:
        while (piece := await written.get()) is not None:
            yield piece
        await command
    finally:
        command.cancel()
        await asyncio.gather(command, return_exceptions=True)


async def _break(host: Host, phone: Attached, asked: object) -> None:
    match asked:
        case {"unplugged": True}:
            phone.unplug()
            await host.forwards.remove_all(phone)
        case {"unplugged": False}:
            phone.plug()
        case {"dialog": str(kind)} if kind in DIALOGS:
            await phone.device.show_dialog(kind)
        case {"server": "crash"}:
            if phone.server is None:
                raise ValueError("no UiAutomator2 server runs on it")
            phone.server.end(*CRASHED)
        case _:
            raise ValueError(
                'a fault is {"unplugged": true}, {"dialog": "permission"}, {"dialog": "not responding"} '
                'or {"server": "crash"}'
            )
