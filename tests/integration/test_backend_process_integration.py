"""The command: starts, says where it serves, ends in order, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from httpx_sse import aconnect_sse
from PIL import Image

DEADLINE_S = 30.0
PROMPT_S = 5.0


@dataclass
class Running:
    """A backend process of its own."""

    process: asyncio.subprocess.Process
    address: str

    async def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(temporary: Path) -> dict[str, str]:
    settings = {"APP_BACKEND_PASSWORD_HASHING": "cheap", "TMPDIR": str(temporary)}
    return {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | settings


@pytest.fixture
def start(environment: dict[str, str]) -> Start:
    @asynccontextmanager
    async def start(*arguments: str) -> AsyncIterator[Running]:
        process = await launch(environment, *arguments)
        try:
            assert process.stdout is not None
            line = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode()
            assert line.startswith("app_backend: serving on http://127.0.0.1:"), await refusal(process)
            yield Running(process, line.split()[-1])
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    return start


async def launch(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app_backend", *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    )


async def refusal(process: asyncio.subprocess.Process) -> str:
    _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    return errors.decode()


def servers_in(folder: Path) -> list[psutil.Process]:
    """The processes, of whatever kind, that were started for a folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in part for part in process.info["cmdline"] or [])
    ]


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def gone(folder: Path) -> None:
    """Wait until nothing in a folder is left, nor any process that was started for it."""
    async with asyncio.timeout(DEADLINE_S):
        while servers_in(folder) or not is_empty(folder):  # noqa: ASYNC110 - other processes'
            await asyncio.sleep(0.01)


async def test_it_serves_with_sample_people_and_ends_in_order(start: Start, temporary: Path) -> None:
    async with start("--seed-sample") as running, httpx.AsyncClient(base_url=running.address) as client:
        posts = (await client.get("/feed")).json()["items"]
        assert [post["author"]["display_name"] for post in posts] == ["Grace", "Grace", "Ada", "Ada"]
        for name in ("ada", "grace"):
            credentials = {"email": f"{name}@example.test", "password": "sample-password"}
            signed_in = await client.post("/sessions", json=credentials)
            assert signed_in.status_code == 201
            avatar = signed_in.json()["profile"]["avatar"]
            assert avatar["is_default"] is False
            assert (await client.get(avatar["urls"]["512"])).status_code == 200
        assert not is_empty(temporary)

        assert await running.stop(signal.SIGTERM) == 0

    assert is_empty(temporary)
    assert not servers_in(temporary)


@pytest.mark.parametrize("group", [False, True])
async def test_killed_it_leaves_neither_a_server_nor_a_folder(
    environment: dict[str, str], temporary: Path, group: bool
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app_backend", stdout=asyncio.subprocess.PIPE, env=environment, process_group=0
    )
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)
    assert servers_in(temporary)

    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    await process.wait()

    await gone(temporary)


async def test_a_stop_during_the_start_is_a_clean_end(environment: dict[str, str], temporary: Path) -> None:
    process = await launch(environment)
    async with asyncio.timeout(DEADLINE_S):
        while not servers_in(temporary):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)

    process.send_signal(signal.SIGINT)

    assert await asyncio.wait_for(process.wait(), DEADLINE_S) == 0
    await gone(temporary)


async def test_open_streams_do_not_hold_up_the_end(start: Start, database_url: str, tmp_path: Path) -> None:
    async with (
        start("--database-url", database_url, "--data", str(tmp_path / "data")) as running,
        httpx.AsyncClient(base_url=running.address, timeout=DEADLINE_S) as client,
        aconnect_sse(client, "GET", "/events") as one,
        aconnect_sse(client, "GET", "/events") as other,
    ):
        streams = [one.aiter_sse(), other.aiter_sse()]
        for events in streams:
            assert (await anext(events)).event == "ready"
        before = time.monotonic()

        assert await running.stop() == 0

        assert time.monotonic() - before < PROMPT_S
        for events in streams:
            last = await anext(events)
            assert (last.event, json.loads(last.data)["reason"]) == ("closed", "shutdown")


async def test_two_processes_on_one_database_see_each_others_changes(
    start: Start, database_url: str, tmp_path: Path
) -> None:
    options = ("--database-url", database_url, "--data", str(tmp_path / "data"))
    async with (
        start(*options) as one,
        start(*options) as other,
        httpx.AsyncClient(base_url=one.address, timeout=DEADLINE_S) as here,
        httpx.AsyncClient(base_url=other.address, timeout=DEADLINE_S) as there,
        aconnect_sse(there, "GET", "/events") as source,
    ):
        events = source.aiter_sse()
        assert (await anext(events)).event == "ready"
        account = await here.post(
            "/accounts",
            json={"email": "two@example.test", "password": "long enough", "display_name": "Two"},
        )
        here.headers["Authorization"] = f"Bearer {account.json()['token']}"
        assert json.loads((await anext(events)).data)["kind"] == "created"

        changed = await here.put("/me/avatar", content=sample_png(), headers={"Content-Type": "image/png"})

        told = json.loads((await anext(events)).data)
        assert told["committed_at"] == changed.json()["committed_at"]
        assert told["profile"]["avatar"]["urls"]["96"].startswith(other.address)
        assert (await there.get(told["profile"]["avatar"]["urls"]["96"])).status_code == 200


async def test_data_in_a_folder_is_there_after_a_restart(start: Start, tmp_path: Path) -> None:
    # Closed to everybody else, as /root is: the server must get in nevertheless.
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    options = ("--data", str(closed / "data"), "--seed-sample", "--until-stdin-closes")
    feeds = []
    for _ in range(2):
        async with start(*options) as running, httpx.AsyncClient(base_url=running.address) as client:
            feeds.append(strip_port((await client.get("/feed")).json()))
            assert running.process.stdin is not None
            running.process.stdin.close()
            assert await asyncio.wait_for(running.process.wait(), DEADLINE_S) == 0

    assert len(feeds[0]["items"]) == 4
    assert feeds[0] == feeds[1]
    assert not servers_in(tmp_path)


async def test_a_port_in_use_is_said_at_once(
    environment: dict[str, str], taken_port: int, temporary: Path
) -> None:
    process = await launch(environment, "--port", str(taken_port))

    message = await refusal(process)

    assert process.returncode == 2
    assert message.startswith(f"app_backend: can't listen on 127.0.0.1:{taken_port}")
    assert message.count("\n") == 1
    assert is_empty(temporary)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "setting", "reason"),
    [
        (("--database-url", "postgresql://x@127.0.0.1:1/x", "--data", "{tmp}/data"), {}, "can't be used"),
        (("--database-url", "mysql://x", "--data", "{tmp}/data"), {}, "must be of the form postgresql://"),
        (("--database-url", "postgresql://x"), {}, "give --data"),
        (("--data", "/dev/null"), {}, "/dev/null"),
        (("--port", "70000"), {}, "can't listen"),
        ((), {"APP_BACKEND_MAX_PICTURE_BYTES": "many"}, "max_picture_bytes"),
        ((), {"APP_BACKEND_STORAGE_URL": "pictures"}, "must be of the form file:///folder or s3://"),
    ],
)
async def test_what_can_not_work_is_said_in_one_line(
    environment: dict[str, str],
    tmp_path: Path,
    arguments: tuple[str, ...],
    setting: dict[str, str],
    reason: str,
) -> None:
    process = await launch(environment | setting, *(each.format(tmp=tmp_path) for each in arguments))

    message = await refusal(process)

    assert process.returncode == 2, message
    assert message.startswith("app_backend: ")
    assert reason in message
    assert message.count("\n") == 1


async def test_it_serves_again_after_its_database_was_killed(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with start("--data", str(data)) as running, httpx.AsyncClient(base_url=running.address) as client:
        created = {"display_name": "Ada", "email": "ada@example.test", "password": "sample-password"}
        assert (await client.post("/accounts", json=created)).status_code == 201
        psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0])).kill()
        answers = []
        async with asyncio.timeout(DEADLINE_S):
            while 200 not in answers:
                answers.append((await client.get("/feed")).status_code)
        assert set(answers) <= {200, 503}
        assert (await client.post("/accounts", json=created)).status_code == 409, "the account is still there"


async def test_a_folder_has_one_backend_at_a_time(
    start: Start, environment: dict[str, str], tmp_path: Path
) -> None:
    async with start("--data", str(tmp_path / "data")):
        second = await launch(environment, "--data", str(tmp_path / "data"))
        message = await refusal(second)

    assert second.returncode == 2
    assert message.count("\n") == 1
    assert f"the data folder {tmp_path / 'data'} is in use by another process" in message


def sample_png() -> bytes:
    output = BytesIO()
    Image.new("RGB", (100, 100), "teal").save(output, "PNG")
    return output.getvalue()


def strip_port(answer: dict[str, Any]) -> dict[str, Any]:
    """Two runs have two ports; all else is to be equal."""
    for item in answer["items"]:
        urls = item["author"]["avatar"]["urls"]
        item["author"]["avatar"]["urls"] = {size: httpx.URL(url).path for size, url in urls.items()}
    return answer
