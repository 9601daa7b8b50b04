"""`python -m flutter_app`: how it starts, stops, and says what is wrong."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import pytest


async def run(*arguments: str, send: signal.Signals | None = None) -> tuple[int | None, str, str]:
    """Run the command; with `send`, until it serves and then takes that signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "flutter_app",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said = ""
    if send is not None:
        said = (await process.stdout.readline()).decode()
        process.send_signal(send)
    out, err = await process.communicate()
    return process.returncode, said + out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_is_an_orderly_end(number: signal.Signals) -> None:
    code, out, err = await run("--backend-url", "http://127.0.0.1:9", send=number)
    assert (code, err) == (0, "")
    assert out.startswith("flutter_app: serving on http://127.0.0.1:")


async def test_a_port_in_use_is_one_line_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = await run("--backend-url", "http://127.0.0.1:9", "--port", port)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert port in err
    assert "--port" in err


@pytest.mark.parametrize("address", ["backend", "ftp://127.0.0.1", "http://"])
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    code, _, err = await run("--backend-url", address)
    assert code == 2
    assert address in err


@pytest.mark.parametrize("address", ["ftp://joe:hush-hush@127.0.0.1", "http://joe:hush-hush@127.0.0.1:port"])
async def test_a_password_in_one_is_repeated_to_nobody(address: str) -> None:
    code, out, err = await run("--backend-url", address)
    assert code == 2
    assert "hush-hush" not in out + err
    assert "…@127.0.0.1" in err


async def test_the_address_may_come_from_where_no_list_of_processes_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLUTTER_APP_BACKEND_URL", "http://joe:hush-hush@127.0.0.1:9")
    code, out, _ = await run(send=signal.SIGTERM)
    assert code == 0
    assert out.startswith("flutter_app: serving on http://127.0.0.1:")
