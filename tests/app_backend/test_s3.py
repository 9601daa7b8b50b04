"""A backend whose pictures are in a bucket: the same to everybody, and no crash when the bucket is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from app_backend.api import Services
from app_backend.storage import S3Storage
from tests.app_backend.s3_server import make_bucket, s3_environment, s3_server

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

DEADLINE_S = 60.0


@asynccontextmanager
async def backend(database_url: str, endpoint: str) -> AsyncIterator[str]:
    """Run `python -m app_backend` with pictures in a bucket and without a folder; yield its address."""
    environment = {
        **os.environ,
        **s3_environment(endpoint),
        "APP_BACKEND_STORAGE_URL": "s3://pictures/of/people",
        "APP_BACKEND_STORAGE_TIMEOUT_S": "2",
        "APP_BACKEND_PASSWORD_HASHING": "cheap",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app_backend", "--database-url", database_url, "--until-stdin-closes"),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode()
        assert " serving on " in line
        yield line.split()[-1]
    finally:
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), DEADLINE_S) == 0


async def test_pictures_in_a_bucket(
    database_url: str, services: Services, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as server:
        endpoint = server.enter_context(s3_server())
        make_bucket(endpoint, "pictures")
        for name, value in s3_environment(endpoint).items():
            monkeypatch.setenv(name, value)
        bucket = S3Storage("pictures", "of/people")
        async with (
            backend(database_url, endpoint) as address,
            httpx.AsyncClient(base_url=address, timeout=DEADLINE_S) as http,
        ):
            account = await http.post(
                "/accounts",
                json={"email": "s3@example.test", "password": "long enough", "display_name": "S3"},
            )
            http.headers["Authorization"] = f"Bearer {account.json()['token']}"
            for _ in range(2):
                answer = await http.put(
                    "/me/avatar", content=picture(), headers={"Content-Type": "image/png"}
                )
                assert answer.status_code == 200, answer.text
                profile = answer.json()["profile"]
                kept = {each.name async for each in bucket.folders()} - {"ledger"}
                assert kept == {f"{profile['id']}/{profile['avatar']['version']}"}
                for size, url in profile["avatar"]["urls"].items():
                    shown = await http.get(url)
                    assert Image.open(BytesIO(shown.content)).size == (int(size), int(size))

            await asyncio.to_thread(server.close)

            avatar = await http.get(profile["avatar"]["urls"]["96"])
            upload = await http.put("/me/avatar", content=picture(), headers={"Content-Type": "image/png"})
            for refused in (avatar, upload):
                assert refused.status_code == 503
                assert refused.headers["content-type"] == "application/problem+json"
                assert int(refused.headers["retry-after"]) > 0
            assert (await http.get("/me")).json()["avatar"] == profile["avatar"]
            # The files that nobody is sent to any more wait for a sweep that gets through.
            removed = await http.delete("/me/avatar")
            assert removed.json()["profile"]["avatar"]["is_default"] is True
