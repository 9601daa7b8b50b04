"""What every storage keeps: a local folder, a bucket on a real S3 server, and what is put around them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app_backend.faults import Faults, FaultyStorage, StaleRenditions
from app_backend.observability import MeasuredStorage, Metrics
from app_backend.storage import LocalStorage, S3Storage, Storage, StorageUnavailable, TimeLimit
from tests.app_backend.s3_server import s3_environment

pytestmark = pytest.mark.tdd_refactor

FILES = {"48.webp": b"small", "96.webp": b"large" * 10_000}


@pytest.fixture(params=["local", "s3", "wrapped"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        request.getfixturevalue("s3")
        # A prefix of its own: tests see nothing of each other.
        return S3Storage("pictures", f"{tmp_path.name}/avatars")
    local = LocalStorage(tmp_path / "pictures")
    if request.param == "local":
        return local
    # As a backend does that lets faults be armed: none is.
    faults = Faults()
    faulty = StaleRenditions(FaultyStorage(local, faults), faults)
    return MeasuredStorage(TimeLimit(faulty, seconds=60), Metrics())


async def folders(storage: Storage) -> set[str]:
    return {each.name async for each in storage.folders()}


async def test_what_is_put_can_be_got_until_it_is_deleted(storage: Storage) -> None:
    await storage.put("ada/v1", FILES)
    await storage.put("ada/v2", {"48.webp": b"new"})

    assert {name: await storage.get("ada/v1", name) for name in FILES} == FILES
    await storage.delete("ada/v1")
    await storage.delete("ada/v1")

    assert {name: await storage.get("ada/v1", name) for name in FILES} == dict.fromkeys(FILES)
    assert await storage.get("ada/v2", "48.webp") == b"new"


async def test_what_is_not_there_is_none(storage: Storage) -> None:
    await storage.put("ada/v1", FILES)

    for folder, name in (
        ("ada/v1", "512.webp"),
        ("ada/v", "48.webp"),
        ("ada", "v1"),
        ("grace/v1", "48.webp"),
    ):
        assert await storage.get(folder, name) is None
    await storage.delete("ada/v")
    await storage.delete("grace/v1")
    assert await folders(storage) == {"ada/v1"}


async def test_all_folders_are_found_with_the_time_of_their_change(storage: Storage) -> None:
    assert await folders(storage) == set()
    before = time.time()
    names = {f"{owner}/v{number}" for owner in ("ada", "grace") for number in range(8)}
    for name in names:
        await storage.put(name, FILES)

    found = [each async for each in storage.folders()]

    assert sorted(each.name for each in found) == sorted(names)
    # S3 tells whole seconds.
    assert all(int(before) <= each.changed_at <= time.time() for each in found)


async def test_folders_may_go_while_they_are_listed(storage: Storage) -> None:
    for number in range(8):
        await storage.put(f"ada/v{number}", FILES)

    async for each in storage.folders():
        await storage.delete(each.name)

    assert await folders(storage) == set()


async def test_deleting_what_is_unfinished_leaves_what_is_finished(storage: Storage) -> None:
    await storage.put("ada/v1", FILES)

    assert await storage.delete_unfinished(older_than_s=0) == 0

    assert await storage.get("ada/v1", "48.webp") == b"small"


async def test_many_at_once_do_not_mix(storage: Storage) -> None:
    async def round_trip(number: int) -> bytes | None:
        await storage.put(f"p{number}/v", {"48.webp": b"%d" % number})
        return await storage.get(f"p{number}/v", "48.webp")

    assert await asyncio.gather(*map(round_trip, range(16))) == [b"%d" % number for number in range(16)]


@pytest.mark.parametrize(
    "name", ["..", ".", "", "../secret", "/etc/passwd", "a\\b", "a\0b", ".incoming", "a/../b"]
)
async def test_names_can_not_lead_outside(storage: Storage, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")

    for attempt in (
        storage.get("person", name),
        storage.get(name, "secret"),
        storage.delete(name),
        storage.put("person", {name: b"evil"}),
        storage.put(name, {"secret": b"evil"}),
    ):
        with pytest.raises(ValueError, match="not a name"):
            await attempt

    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert await folders(storage) == set()


@pytest.fixture(params=["file in the way", "no bucket", "nobody there", "no answer"])
def broken(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storage]:
    """A storage that can't do as asked."""
    if request.param == "file in the way":
        storage = LocalStorage(tmp_path / "pictures")
        (tmp_path / "pictures").rename(tmp_path / "moved")
        (tmp_path / "pictures").write_bytes(b"")
        yield storage
    elif request.param == "no bucket":
        request.getfixturevalue("s3")
        yield S3Storage("elsewhere")
    else:
        # Connections to the first are accepted by the system, and nobody ever says a word.
        with (
            socket.create_server(("127.0.0.1", 0)) as silent,
            socket.create_server(("127.0.0.1", 0)) as closed,
        ):
            port = (silent if request.param == "no answer" else closed).getsockname()[1]
            closed.close()
            for name, value in s3_environment(f"http://127.0.0.1:{port}").items():
                monkeypatch.setenv(name, value)
            yield S3Storage("pictures", timeout_s=0.2)


async def test_what_a_place_can_not_do_is_said_in_one_line(broken: Storage) -> None:
    for attempt in (broken.put("ada/v1", FILES), broken.delete("ada/v1"), broken.get("ada/v1", "48.webp")):
        with pytest.raises(StorageUnavailable) as error:
            await attempt
        assert "\n" not in str(error.value)
        assert isinstance(error.value, OSError)
