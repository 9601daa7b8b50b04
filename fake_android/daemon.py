"""Phones behind one adb: opens them, serves what their drivers speak to, and ends all of it together.

Its own port says whether it is alive and what it has, runs adb's commands, and makes faults for tests.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fake_android.adb import Host, Streams, client
from fake_android.connected_phone import ConnectedPhone, Instrumentation
from fake_android.device import DeviceGone, PhoneSetup
from fake_android.phone import Phone
from fake_android.uiautomator2 import MAX_BODY_BYTES, UiAutomatorServer
from local_server import BODY_S, AccessGuard, allow_programs, listen, run_server, server_config

MAX_COMMAND_BYTES = 1 * 2**20
ALIVE_PATH = "/healthz"
"""Answered without the token: that the phones are there, and nothing of them."""

OpenDevice = Callable[[PhoneSetup], AbstractAsyncContextManager[Phone]]
"""Switches a phone on."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """What runs: its address and token, the folder for ANDROID_HOME, and the phones by serial."""

    url: str
    sdk_root: Path
    phones: Mapping[str, ConnectedPhone]
    token: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Return what Appium's environment has to hold to find the phones; adb finds the token by itself."""
        return {
            "ANDROID_HOME": str(self.sdk_root),
            "ANDROID_SDK_ROOT": str(self.sdk_root),
            client.URL: self.url,
        }


@asynccontextmanager
async def open_daemon(
    setups: Sequence[PhoneSetup], *, open_device: OpenDevice, port: int = 0, sdk_root: Path
) -> AsyncIterator[Daemon]:
    """Switch phones on side by side, and let adb find them; all ends with the context.

    `port` is the control's, on 127.0.0.1; 0 takes any free one. Raises `OSError` where it is taken.
    """
    async with AsyncExitStack() as opened:
        control_socket = opened.enter_context(listen(port))
        # All at once: each spends most of its time waiting for its page.
        async with asyncio.TaskGroup() as starting:
            opening = [starting.create_task(opened.enter_async_context(open_device(each))) for each in setups]
        phones = {task.result().setup.serial: ConnectedPhone(task.result()) for task in opening}
        sockets = {serial: opened.enter_context(listen(0)) for serial in phones}
        servers = {
            serial: UiAutomatorServer(phone, sockets[serial].getsockname()[1])
            for serial, phone in phones.items()
        }
        running = await opened.enter_async_context(asyncio.TaskGroup())

        async def start_server(phone: ConnectedPhone) -> None:
            phone.server = Instrumentation()
            running.create_task(servers[phone.serial].run(phone.server))

        host = Host(phones, start_server)
        _write_sdk(sdk_root)
        port = int(control_socket.getsockname()[1])
        token = opened.enter_context(write_token(sdk_root, port))
        daemon = Daemon(f"http://127.0.0.1:{port}", sdk_root, phones, token)
        control = _create_control(host, {"sdk_root": str(sdk_root), "url": daemon.url})
        apps: dict[int, ASGIApp] = {
            port: AccessGuard(
                control,
                allow_programs(token, open_paths=[ALIVE_PATH]),
                largest_body=MAX_COMMAND_BYTES,
                body_s=BODY_S,
            )
        }
        for serial, server in servers.items():
            # Their own protocol has no token; who reaches one has come through a forward, which looked.
            apps[sockets[serial].getsockname()[1]] = AccessGuard(
                server.app,
                allow_programs(None, admits=server.relayed.__contains__),
                largest_body=MAX_BODY_BYTES,
            )
        async with _serve(apps, [control_socket, *sockets.values()]):
            try:
                yield daemon
            finally:
                for phone in phones.values():
                    # What waits for a phone, an adb among it, ends as if its cable was pulled.
                    phone.unplug()
                    if phone.server is not None:
                        phone.server.end()
                await host.forwards.remove_all()


def _serve(
    apps: Mapping[int, ASGIApp], sockets: Sequence[socket.socket]
) -> AbstractAsyncContextManager[None]:
    async def route_by_port(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    config = server_config(
        route_by_port,
        log_level="warning",
        timeout_graceful_shutdown=1,
        # Drivers keep their connections for the whole session.
        timeout_keep_alive=3600,
    )
    return run_server(config, sockets)


# -- the folder that ANDROID_HOME names


def _write_sdk(root: Path) -> None:
    """Write what stands for an Android SDK below a folder, for ANDROID_HOME to name: `platform-tools/adb`."""
    adb = root / "platform-tools" / "adb"
    adb.parent.mkdir(parents=True, exist_ok=True)
    source = Path(client.__file__).read_text(encoding="utf-8")
    # In one piece: another run may be using the folder.
    fresh = adb.with_name(f"adb-{os.getpid()}")
    # Without site-packages and the environment's say: Python is up in half the time.
    fresh.write_text(f"#!{sys.executable} -SEI\n{source}", encoding="utf-8")
    fresh.chmod(0o755)
    fresh.replace(adb)


def token_file(sdk_root: Path, port: int | str) -> Path:
    """Return where the token of the daemon at a port is: only its owner reads it, and `adb` sends it."""
    return sdk_root / "platform-tools" / f"stand-in-{port}.token"


@contextmanager
def write_token(sdk_root: Path, port: int) -> Iterator[str]:
    """Make a token and write it down; its file goes with the context."""
    token, file = secrets.token_urlsafe(32), token_file(sdk_root, port)
    file.parent.mkdir(parents=True, exist_ok=True)
    # One that was killed may have left its own: the port was nobody's since.
    file.unlink(missing_ok=True)
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(number, "w", encoding="ascii") as content:
            content.write(token)
        yield token
    finally:
        file.unlink(missing_ok=True)


# -- the daemon's own port

_DIALOGS = {"permission", "not responding"}


def _create_control(host: Host, status: dict[str, Any]) -> Starlette:
    """Return the app that answers the daemon's own port; `status` is what `GET /status` says of it."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        phones = [_describe(phone) for phone in host.phones.values()]
        return JSONResponse(status | {"devices": phones})

    async def adb(request: Request) -> Response:
        folder, *words = (await request.body()).decode(errors="surrogateescape").split("\0")
        return StreamingResponse(
            _run_command(host, words, Path(folder)), media_type="application/octet-stream"
        )

    async def faults(request: Request) -> Response:
        phone = host.phones.get(request.path_params["serial"])
        if phone is None:
            return JSONResponse({"error": f"no device {request.path_params['serial']!r}"}, status_code=404)
        try:
            await _make_fault(host, phone, await request.json())
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except DeviceGone:
            return JSONResponse({"error": "the device is gone"}, status_code=409)
        return JSONResponse(_describe(phone))

    return Starlette(
        routes=[
            Route(ALIVE_PATH, alive),
            Route("/status", ready),
            Route("/adb", adb, methods=["POST"]),
            Route("/devices/{serial}/faults", faults, methods=["PUT"]),
        ]
    )


def _describe(phone: ConnectedPhone) -> dict[str, Any]:
    setup = phone.device.setup
    return {
        "serial": phone.serial,
        "plugged": phone.plugged,
        "size": list(setup.size),
        "pixel_ratio": setup.pixel_ratio,
        "apps": {app.package: app.activity for app in phone.device.apps.values()},
    }


async def _run_command(host: Host, words: list[str], folder: Path) -> AsyncIterator[bytes]:
    """Run a command, and yield what it writes as it comes: kind, length in four bytes, content."""
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

    def write(kind: bytes, content: bytes) -> None:
        if content:
            pieces.put_nowait(kind + len(content).to_bytes(4, "big") + content)

    streams = Streams(
        lambda content: write(client.STDOUT, content), lambda content: write(client.STDERR, content)
    )

    async def run() -> None:
        code = 1
        try:
            code = await host.run(words, folder, streams)
        finally:
            write(client.EXIT, bytes([code & 255]))
            pieces.put_nowait(None)

    command = asyncio.create_task(run())
    try:
        while (piece := await pieces.get()) is not None:
            yield piece
        await command
    finally:
        command.cancel()
        await asyncio.gather(command, return_exceptions=True)


async def _make_fault(host: Host, phone: ConnectedPhone, fault: object) -> None:
    match fault:
        case {"unplugged": True}:
            phone.unplug()
            await host.forwards.remove_all(phone)
        case {"unplugged": False}:
            phone.plug()
        case {"dialog": str(kind)} if kind in _DIALOGS:
            await phone.device.show_dialog(kind)
        case {"server": "crash"}:
            if phone.server is None:
                raise ValueError("no UiAutomator2 server runs on it")
            phone.server.crash()
        case _:
            raise ValueError(
                'a fault is {"unplugged": true}, {"dialog": "permission"}, {"dialog": "not responding"} '
                'or {"server": "crash"}'
            )
