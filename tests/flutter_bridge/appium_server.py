"""The real Appium server, as `package.json` pins it, on a free port."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running_appium(*drivers: str) -> AsyncIterator[str]:
    """Run the server with some of its drivers, and end it at the end; its address."""
    recorded = ROOT / ".venv" / "node"
    node = recorded.read_text().strip() if recorded.exists() else shutil.which("node")
    main = ROOT / "node_modules" / "appium" / "index.js"
    assert node, "no Node to run Appium with; ./run test sets one up"
    assert main.exists(), "Appium isn't installed; ./run test sets it up"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        node,
        str(main),
        *("server", "--address", "127.0.0.1", "--port", str(port)),
        *("--use-drivers", ",".join(drivers), "--log-no-colors"),
        env=os.environ | {"APPIUM_HOME": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said: list[bytes] = []
    reading = None
    try:
        async with asyncio.timeout(60):
            while not (said and b"listener started on" in said[-1]):
                line = await process.stdout.readline()
                assert line, b"".join(said).decode()
                said.append(line)
        # What it says later has to go somewhere.
        reading = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        if reading is not None:
            await reading
