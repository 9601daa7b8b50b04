"""A backend in production mode: it starts without faults, not with them, and logs for machines."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import text

from app_backend.database import Database
from tests.backend_fixtures import DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def production(
    database_url: str, folder: Path, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the backend in production mode, with everything as it should be but `settings`."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("APP_BACKEND_")},
        "APP_BACKEND_MODE": "production",
        "APP_BACKEND_SECRET_KEY": secrets.token_hex(32),
        "PUBLIC_URL": "https://people.test",
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app_backend", "--database-url", database_url, "--data", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def marks(database_url: str) -> list[bool]:
    """The rows of the table by which tests know a database of production."""
    database = Database(database_url)
    try:
        async with database.reading() as session:
            return [
                is_past
                for (is_past,) in await session.execute(text("SELECT since < now() FROM production_mark"))
            ]
    finally:
        await database.close()


async def test_with_faults_it_refuses_to_start(cloned_database: str, tmp_path: Path) -> None:
    async with production(cloned_database, tmp_path, APP_BACKEND_FAULTS="1") as process:
        told, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)

    assert process.returncode == 2
    assert told == b""
    (line,) = errors.decode().splitlines()
    assert "APP_BACKEND_FAULTS" in line


async def test_without_them_it_starts_has_no_fault_route_and_logs_for_machines(
    cloned_database: str, tmp_path: Path
) -> None:
    async with production(cloned_database, tmp_path) as process:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode()
        assert " serving on " in line
        async with httpx.AsyncClient(base_url=line.split()[-1], trust_env=False) as client:
            for method in ("GET", "PUT", "DELETE"):
                answer = await client.request(method, "/faults", headers={"X-Request-ID": f"tap-{method}"})
                assert answer.status_code == 404
        assert await marks(cloned_database) == [True]
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_S)

    assert process.returncode == 0
    logged = [json.loads(line) for line in errors.decode().splitlines()]
    asked = [line for line in logged if line["event"] == "request"]
    assert [(line["request_id"], line["status"]) for line in asked] == [
        ("tap-GET", 404),
        ("tap-PUT", 404),
        ("tap-DELETE", 404),
    ]
