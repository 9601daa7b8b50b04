"""Phones behind one adb: opens them, serves what their drivers speak to, and ends all of it together."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from fake_android.adb import Host
from fake_android.adb.client import URL
from fake_android.adb.programs import programs
from fake_android.attached import Attached, Instrumentation
from fake_android.control import ALIVE, LONGEST_ORDER, create_control
from fake_android.device import Device, Setup
from fake_android.sdk import write_sdk
from fake_android.tokens import token_written
from fake_android.uiautomator2 import LARGEST_BODY, Server
from flutter_bridge.serving import BODY_S, LocalServer, LoopbackGuard, server_config

Open = Callable[[Setup], AbstractAsyncContextManager[Device]]
"""Switches a phone on."""

BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Daemon:
    """What runs: its address and token, the folder for ANDROID_HOME, and the phones by serial."""

    url: str
    sdk_root: Path
    phones: Mapping[str, Attached]
    token: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Return what Appium's environment has to hold to find the phones; adb finds the token by itself."""
        return {
            "ANDROID_HOME": str(self.sdk_root),
            "ANDROID_SDK_ROOT": str(self.sdk_root),
            URL: self.url,
        }


@asynccontextmanager
async def open_daemon(
    setups: Sequence[Setup], *, open_device: Open, port: int = 0, sdk_root: Path
) -> AsyncIterator[Daemon]:
    """Switch phones on side by side, and let adb find them; all ends with the context.

    `port` is the control's, on 127.0.0.1; 0 takes any free one. Raises `OSError` where it is taken.
    """
    async with AsyncExitStack() as opened:
        control_socket = opened.enter_context(_listening(port))
        devices = await _switched_on(setups, open_device, opened)
        phones = {device.setup.serial: Attached(device) for device in devices}
        sockets = {serial: opened.enter_context(_listening(0)) for serial in phones}
        servers = {
            serial: Server(phone, sockets[serial].getsockname()[1]) for serial, phone in phones.items()
        }
        running = await opened.enter_async_context(asyncio.TaskGroup())

        async def start_server(phone: Attached) -> None:
            phone.server = Instrumentation()
            running.create_task(servers[phone.serial].run(phone.server))

        host = Host(phones, programs(start_server))
        write_sdk(sdk_root)
        port = int(control_socket.getsockname()[1])
        token = opened.enter_context(token_written(sdk_root, port))
        daemon = Daemon(f"http://127.0.0.1:{port}", sdk_root, phones, token)
        control = create_control(host, {"sdk_root": str(sdk_root), "url": daemon.url})
        apps: dict[int, ASGIApp] = {
            port: LoopbackGuard(
                control, token=token, largest_body=LONGEST_ORDER, open_paths=[ALIVE], body_s=BODY_S
            )
        }
        for serial, server in servers.items():
            # Their own protocol has no token; who reaches one has come through a forward, which looked.
            apps[sockets[serial].getsockname()[1]] = LoopbackGuard(
                server.app, token=None, largest_body=LARGEST_BODY, admits=server.relayed.__contains__
            )
        async with _serving(apps, [control_socket, *sockets.values()]):
            try:
                yield daemon
            finally:
                for phone in phones.values():
                    # What waits for a phone, an adb among it, ends as if its cable was pulled.
                    phone.unplug()
                    if phone.server is not None:
                        phone.server.end()
                await host.forwards.remove_all()


async def _switched_on(setups: Sequence[Setup], open_device: Open, opened: AsyncExitStack) -> list[Device]:
    """Switch all on at once: each spends most of its time waiting for its page."""
    async with asyncio.TaskGroup() as starting:
        tasks = [starting.create_task(opened.enter_async_context(open_device(setup))) for setup in setups]
    return [task.result() for task in tasks]


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # With the protocol named, the loop switches Nagle off for what is accepted.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(BACKLOG)
        yield listening


@asynccontextmanager
async def _serving(apps: Mapping[int, ASGIApp], sockets: Sequence[socket.socket]) -> AsyncIterator[None]:
    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    config = server_config(
        by_port,
        log_level="warning",
        timeout_graceful_shutdown=1,
        # Drivers keep their connections for the whole session.
        timeout_keep_alive=3600,
    )
    server = LocalServer(config)
    task = asyncio.create_task(server.serve(sockets=list(sockets)))
    try:
        await server.up.wait()
        yield
    finally:
        server.should_exit = True
        await task
