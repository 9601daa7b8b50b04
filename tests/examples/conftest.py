"""The example chat, served from a process of its own as its project says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

CHAT = Path(__file__).parents[2] / "examples" / "chat"


@pytest.fixture(scope="session")
async def chat_url() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chat_app", "--until-stdin-closes"),
        cwd=CHAT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        assert line.startswith("chat_app: serving on http://127.0.0.1:"), line
        yield line.split()[-1]
    finally:
        process.stdin.close()
        assert await process.wait() == 0
