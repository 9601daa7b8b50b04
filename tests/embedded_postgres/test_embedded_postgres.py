"""The embedded PostgreSQL: quick to start, alone on its socket, there while used, gone without a trace."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from embedded_postgres import EmbeddedPostgres, PostgresError
from embedded_postgres.server import ABANDONED_S, PREFIX

SOON = 30.0
USER = """
import asyncio, sys
from pathlib import Path
from embedded_postgres import EmbeddedPostgres

async def use():
    server = EmbeddedPostgres(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    await server.url()
    print(server.folder, flush=True)
    await asyncio.Event().wait()

asyncio.run(use())
"""


async def ask(url: str, question: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(question))
    finally:
        await connection.close()


async def answers_again(url: str) -> None:
    """Wait until the server answers."""
    async with asyncio.timeout(SOON):
        while True:
            try:
                await ask(url, "SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(0.01)
            else:
                return


async def start_user(*folder: Path) -> tuple[asyncio.subprocess.Process, Path]:
    """Start another process that uses a server; returns that and the server's folder."""
    user = await asyncio.create_subprocess_exec(
        sys.executable, "-c", USER, *map(str, folder), stdout=subprocess.PIPE
    )
    assert user.stdout is not None
    return user, Path((await user.stdout.readline()).decode().strip())


def server_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def supervisor_of(folder: Path) -> psutil.Process:
    parent = server_of(folder).parent()
    assert parent is not None
    return parent


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(SOON):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.01)


def has_ended(process: psutil.Process) -> bool:
    """Whether a process runs no more; who takes its end in is not ours to say."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "embedded_postgres"


async def test_a_second_start_unpacks_what_the_first_has_kept(cache: Path) -> None:
    identifiers = []
    for _ in range(2):
        with EmbeddedPostgres() as server:
            url = await server.url()
            identifiers.append(await ask(url, "SELECT system_identifier FROM pg_control_system()"))
            assert [path.suffix for path in inside(cache)] == [".tar"]
            folder = server.folder
        assert not folder.exists()

    assert identifiers[0] == identifiers[1]


async def test_a_damaged_template_is_made_anew(cache: Path) -> None:
    with EmbeddedPostgres() as server:
        await server.url()
    (template,) = inside(cache)
    whole = template.stat().st_size
    os.truncate(template, whole // 2)

    with EmbeddedPostgres() as server:
        assert await ask(await server.url(), "SELECT 1") == "1"

    assert template.stat().st_size > whole // 2


async def test_others_can_not_get_at_the_server(postgres: EmbeddedPostgres) -> None:
    assert await ask(await postgres.url(), "SHOW listen_addresses") == ""
    assert stat.S_IMODE((postgres.folder / "postgres").stat().st_mode) & 0o077 == 0


async def test_text_sorts_the_same_on_every_machine(postgres: EmbeddedPostgres) -> None:
    assert await ask(await postgres.url(), "SELECT 'é' COLLATE \"default\" > 'z'") == "True"


def test_a_folder_that_is_none_is_named() -> None:
    with pytest.raises(PostgresError, match=f"^{os.devnull} can't be written to"):
        EmbeddedPostgres(Path(os.devnull))


async def test_a_server_whose_owner_gives_up_early_is_gone_too() -> None:
    with EmbeddedPostgres() as server:
        folder = server.folder

    assert not await asyncio.to_thread(folder.exists)


# -- what is killed


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path / "data") as used:
        await used.url()
        yield used


async def test_a_server_that_was_killed_comes_back_with_its_data(server: EmbeddedPostgres) -> None:
    url = await server.url()
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    for _ in range(2):
        server_of(server.folder).kill()
        await answers_again(url)
        assert await ask(url, "SELECT number FROM kept") == "7"


async def test_a_supervisor_that_was_killed_is_replaced(server: EmbeddedPostgres) -> None:
    first = supervisor_of(server.folder)
    first.kill()
    await until(lambda: has_ended(first))
    async with asyncio.timeout(SOON):
        while True:
            await answers_again(await server.url())
            if supervisor_of(server.folder) != first:
                break
    server_of(server.folder).kill()
    await answers_again(await server.url())


async def test_where_all_are_killed_the_next_start_is_like_any_other(tmp_path: Path) -> None:
    for _ in range(3):
        user, folder = await start_user(tmp_path / "data")
        postgres = server_of(folder)
        supervisor_of(folder).kill()
        user.kill()
        await user.wait()
        # On Linux it doesn't outlive its supervisor either.
        if sys.platform == "linux":
            await until(partial(has_ended, postgres))
    with EmbeddedPostgres(tmp_path / "data") as server:
        assert await ask(await server.url(), "SELECT 1") == "1"
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


async def test_a_server_that_a_killed_supervisor_left_is_ended_first(tmp_path: Path) -> None:
    """Elsewhere than on Linux it outlives its supervisor: here it has no parent from the start."""
    with EmbeddedPostgres(tmp_path / "data") as server:
        await server.url()
        command = server_of(server.folder).cmdline()
        identity = server_of(server.folder).uids().real
        sockets = Path(next(part for part in command if part.startswith("unix_socket")).partition("=")[2])
    # Where the data lies too deep for a socket, that has a folder of its own, which is gone by now.
    await asyncio.to_thread(sockets.mkdir, mode=0o700, exist_ok=True)
    os.chown(sockets, identity, -1)
    if os.geteuid() == 0:
        # As nobody, who may pass through root's folders to get at its own.
        may = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        command = ["setpriv", f"--reuid={identity}", f"--regid={identity}", "--clear-groups", *may, *command]
    left = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL, cwd="/")
    postmaster = tmp_path / "data" / "postgres" / "postmaster.pid"
    await until(lambda: postmaster.exists() and "ready" in postmaster.read_text())
    with EmbeddedPostgres(tmp_path / "data") as server:
        assert await ask(await server.url(), "SELECT 1") == "1"
        assert await left.wait() == 0


# -- who uses it


async def test_a_folder_is_shared_by_all_who_name_it(server: EmbeddedPostgres) -> None:
    other, folder = await start_user(server.folder)
    assert folder == server.folder
    server.close()
    assert server_of(folder).is_running()
    with EmbeddedPostgres(folder) as third:
        other.send_signal(signal.SIGKILL)
        await other.wait()
        assert await ask(await third.url(), "SELECT 1") == "1"
    assert not (folder / "postgres" / "postmaster.pid").exists()


async def test_temporary_data_goes_with_a_user_who_is_killed() -> None:
    user, folder = await start_user()
    user.kill()
    await user.wait()
    await until(lambda: not folder.exists())


async def test_temporary_data_that_all_were_killed_over_goes_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    past = time.time() - 2 * ABANDONED_S

    def left(name: str, *locks: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for lock in locks:
            (folder / lock).touch()
        os.utime(folder, (past, past))
        return folder

    abandoned = left(f"{PREFIX}abandoned", "users.lock", "supervisor.lock")
    others = [
        left("somebodys", "users.lock", "supervisor.lock"),
        left(f"{PREFIX}no-server-of-ours", "notes.txt"),
    ]
    with EmbeddedPostgres() as used:
        await used.url()
        os.utime(used.folder, (past, past))
        with EmbeddedPostgres() as second:
            assert await ask(await second.url(), "SELECT 1") == "1"
            assert await ask(await used.url(), "SELECT 1") == "1"
        assert not abandoned.exists()
        assert all(folder.exists() for folder in others)
