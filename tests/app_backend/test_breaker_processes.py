"""The breaker of two real backend processes, and what becomes of their workers in the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

DEADLINE_S = 60.0
THRESHOLD = 3
CREDENTIALS = {"email": "ada@example.test", "password": "long enough"}
SETTINGS = {
    "APP_BACKEND_PASSWORD_HASHING": "cheap",
    "APP_BACKEND_FAULTS": "1",
    "APP_BACKEND_BREAKER_THRESHOLD": str(THRESHOLD),
    "APP_BACKEND_BREAKER_COOLDOWN_S": "5",
    "APP_BACKEND_PICTURE_ATTEMPTS": "1",
}


@asynccontextmanager
async def running(
    database_url: str, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """A backend process in a process group of its own, and a client for it."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | SETTINGS
    arguments = ("-m", "app_backend", "--database-url", database_url, "--data", str(folder))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=pipe, stderr=pipe, env=environment, process_group=0
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode()
        async with httpx.AsyncClient(base_url=line.split()[-1], timeout=DEADLINE_S) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def sign_in(client: httpx.AsyncClient) -> None:
    token = (await client.post("/sessions", json=CREDENTIALS)).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"


async def breaker(client: httpx.AsyncClient) -> str:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    state: str = answer.json()["picture_processing"]["state"]
    return state


async def upload(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await client.put("/me/avatar", content=content, headers={"Content-Type": "image/png"})


async def test_two_processes_share_a_breaker(own_database: str, tmp_path: Path, picture: MakePicture) -> None:
    async with running(own_database, tmp_path) as (_, one), running(own_database, tmp_path) as (_, other):
        await one.post("/accounts", json=CREDENTIALS | {"display_name": "Ada"})
        for client in (one, other):
            await sign_in(client)
        # In the first alone: the second's workers are well.
        await one.put("/faults/pictures_fail", json={})

        failed = await asyncio.gather(*(upload(one, picture()) for _ in range(THRESHOLD)))

        assert [answer.status_code for answer in failed] == [503] * THRESHOLD
        assert await breaker(one) == await breaker(other) == "open"
        refused = await upload(other, picture())
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1

        # Whoever comes when they were told to come is let in, and heals it for both.
        async with asyncio.timeout(DEADLINE_S):
            while (answer := await upload(other, picture())).status_code == 503:  # noqa: ASYNC110 - as people come again
                await asyncio.sleep(int(answer.headers["retry-after"]) / 4)
        assert answer.status_code == 200
        assert await breaker(one) == await breaker(other) == "closed"


@pytest.mark.parametrize(
    ("number", "group"), [(signal.SIGTERM, False), (signal.SIGINT, True), (signal.SIGKILL, False)]
)
async def test_no_worker_outlives_the_backend(
    own_database: str, tmp_path: Path, picture: MakePicture, number: signal.Signals, group: bool
) -> None:
    async with running(own_database, tmp_path) as (process, client):
        registered = await client.post("/accounts", json=CREDENTIALS | {"display_name": "Ada"})
        client.headers["Authorization"] = f"Bearer {registered.json()['token']}"
        assert (await upload(client, picture())).status_code == 200
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2

        (os.killpg if group else os.kill)(process.pid, number)
        _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)

    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert b"Traceback" not in errors
    async with asyncio.timeout(DEADLINE_S):
        while any(each.is_running() for each in children):  # noqa: ASYNC110 - other processes'
            await asyncio.sleep(0.01)
