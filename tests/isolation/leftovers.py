"""Run thousands of tests in random order, side by side on one PostgreSQL, and count what they leave."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import psutil  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import make_url

ROOT = Path(__file__).parents[2]
SUITE = "tests/isolation/suite.py"

COUNT = "ISOLATION_TESTS"
FOLDER = "ISOLATION_FOLDER"
"""Variables of the run's environment; the folder's name also tells its processes from all others."""

DATABASES = "SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND datname <> $1"


class IsolationFailed(Exception):
    """The run itself did not pass; the text is the end of its output."""


@dataclass(frozen=True)
class Leftovers:
    """What was there after a run that had not been there before."""

    tests: int
    seconds: float
    rows: int
    databases: list[str]
    files: int
    processes: int


async def count_leftovers(server_url: str, *, tests: int, processes: int, seed: int) -> Leftovers:
    """Run so many tests in so many processes; raises `IsolationFailed` where not all of them pass.

    They are on a database of their own on the server, which is removed afterwards.
    """
    name = f"isolation_test_{uuid.uuid4().hex[:8]}"
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    server = await asyncpg.connect(server_url)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        with tempfile.TemporaryDirectory(prefix="isolation-") as folder:
            began = time.perf_counter()
            passed = await _run(url, Path(folder), tests=tests, processes=processes, seed=seed)
            return Leftovers(
                tests=passed,
                seconds=round(time.perf_counter() - began, 1),
                rows=_rows(Path(folder), processes) + await _tables(url),
                databases=[row["datname"] for row in await server.fetch(DATABASES, name)],
                files=len(_pictures(Path(folder))),
                processes=_processes(folder),
            )
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()


async def _run(url: str, folder: Path, *, tests: int, processes: int, seed: int) -> int:
    """Run the suite and return how many tests passed."""
    words = (
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE, "-n", str(processes)),
        *("-p", "randomly", f"--randomly-seed={seed}", "--basetemp", str(folder / "tests")),
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        cwd=ROOT,
        env=os.environ | {"TEST_DATABASE_URL": url, COUNT: str(tests), FOLDER: str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode(errors="replace")
    passed = re.search(r"^(\d+) passed", output, re.MULTILINE)
    if process.returncode or passed is None:
        raise IsolationFailed(f"the run ended with {process.returncode}: {output[-2000:]}")
    return int(passed[1])


def _rows(folder: Path, processes: int) -> int:
    """Count the rows in the databases of the test processes, each of which has written down its own."""
    counts = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("rows-*.json")]
    if len(counts) != processes:
        raise IsolationFailed(f"{len(counts)} of {processes} processes counted their rows")
    return sum(sum(count.values()) for count in counts)


async def _tables(url: str) -> int:
    """Count the tables in the database that was named, which nobody may have made."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


def _pictures(folder: Path) -> list[Path]:
    """Find what is left in the folders of pictures, but the mark of the database they belong to."""
    return [
        each
        for each in folder.glob("tests/**/pictures*/**/*")
        if each.is_file() and each.parent.name != "ledger"
    ]


def _processes(folder: str) -> int:
    """Count the processes that have the run's environment and are still there."""
    found = 0
    for process in psutil.process_iter():
        try:
            found += process.environ().get(FOLDER) == folder
        except (psutil.Error, OSError):
            continue  # somebody else's, or gone by now
    return found
