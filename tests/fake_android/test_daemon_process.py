"""The daemon as a process: what it says, and that nothing of it stays."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.fake_android.stand_in_process import end, running_stand_ins, start, wait_until_up


async def test_it_says_where_it_is_and_is_ready(tmp_path: Path) -> None:
    app = "org.example.app/.MainActivity=http://127.0.0.1:9/"
    async with running_stand_ins("--devices", "2", "--app", app, "--sdk-root", str(tmp_path)) as phones:
        assert phones.sdk_root == str(tmp_path)
        assert os.access(tmp_path / "platform-tools" / "adb", os.X_OK)
        async with httpx.AsyncClient() as client:
            status = await client.get(f"{phones.url}/status", headers=phones.headers)
        assert status.status_code == 200
        devices = status.json()["devices"]
        assert [device["serial"] for device in devices] == ["stand-in-1", "stand-in-2"]
        assert devices[0]["apps"] == {"org.example.app": ".MainActivity"}


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGINT"])
async def test_it_ends_with_all_it_started(how: str) -> None:
    process = await start()
    phones = await wait_until_up(process)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    if how != "stdin":
        process.send_signal(signal.Signals[how])
        await process.wait()
    assert await end(process) == (0, "")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not await asyncio.to_thread(Path(phones.sdk_root).exists)


async def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start("--port", str(port))
        code, complaint = await end(process)
    assert code == 2
    assert complaint == (
        f"standin: can't listen on 127.0.0.1:{port} (Address already in use): choose another --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--devices", "0"], "'0' is no number from 1 to 16"),
        (["--pixel-ratio", "big"], "'big' is no number from 0.5 to 5"),
        (["--size", "huge"], "'huge' is no size such as 412x915"),
        (["--app", "org.example.app"], "'org.example.app' is no app such as"),
    ],
)
async def test_arguments_that_make_no_sense(arguments: list[str], complaint: str) -> None:
    code, complaints = await end(await start(*arguments))
    assert code == 2
    assert complaint in complaints
