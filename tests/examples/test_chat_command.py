"""`python -m chat_app`: how it starts, stops, and says what is wrong."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process

import httpx
import pytest
from httpx_sse import aconnect_sse

from tests.examples.conftest import CHAT


async def start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chat_app", *arguments), cwd=CHAT, stdout=PIPE, stderr=PIPE
    )


async def test_a_port_in_use_is_one_line_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await start("--port", port)
        out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert err.count(b"\n") == 1
    assert port.encode() in err
    assert b"--port" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_is_an_orderly_end_though_somebody_listens(number: signal.Signals) -> None:
    process = await start()
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
        aconnect_sse(client, "GET", "/events") as source,
    ):
        assert (await anext(source.aiter_sse())).event == "ready"
        process.send_signal(number)
        _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
