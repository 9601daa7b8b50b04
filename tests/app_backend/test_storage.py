"""What one storage or another does in its own way, and which one an address names."""

# ruff: noqa: ARG002 - a stand-in takes what the interface has

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from app_backend.errors import BackendError
from app_backend.storage import (
    LocalStorage,
    S3Storage,
    Storage,
    StorageUnavailable,
    StoredFolder,
    TimeLimit,
    open_storage,
)

FILES = {"48.webp": b"small", "96.webp": b"large"}


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_a_local_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    (tmp_path / "person").write_bytes(b"a file where a folder is needed")

    with pytest.raises(OSError, match="person"):
        await storage.put("person/v1", FILES)

    assert below(tmp_path) == {"person"}


async def test_what_killed_processes_left_aside_goes_when_it_is_old(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    for name, age_s in (("tmp-old", 100), ("tmp-young", 0)):
        aside = tmp_path / ".incoming" / name
        aside.mkdir()
        (aside / "48.webp").write_bytes(b"half")
        changed_at = aside.stat().st_mtime - age_s
        os.utime(aside, (changed_at, changed_at))

    assert await storage.delete_unfinished(older_than_s=50) == 1

    assert below(tmp_path) == {".incoming/tmp-young/48.webp"}
    assert [each async for each in storage.folders()] == []


async def test_a_disk_that_is_gone_is_no_missing_picture(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "pictures")
    (tmp_path / "pictures").rename(tmp_path / "unmounted")

    with pytest.raises(StorageUnavailable):
        await storage.get("person/v1", "48.webp")


async def test_a_put_that_fails_leaves_no_object(s3: None, tmp_path: Path) -> None:
    storage = S3Storage("pictures", tmp_path.name)
    put = storage._put

    async def full(path: str, content: bytes) -> None:
        if path.endswith("96.webp"):
            raise StorageUnavailable("full")
        await put(path, content)

    storage._put = full  # type: ignore[method-assign]  # one of two objects is refused

    with pytest.raises(StorageUnavailable, match="full"):
        await storage.put("person/v1", FILES)

    assert [each async for each in storage.folders()] == []


class Hanging:
    """A storage that takes what it is asked, and never answers."""

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        await asyncio.Event().wait()

    async def get(self, folder: str, name: str) -> bytes | None:
        await asyncio.Event().wait()
        return None

    async def delete(self, folder: str) -> None:
        await asyncio.Event().wait()

    async def folders(self) -> AsyncIterator[StoredFolder]:
        yield StoredFolder("person/v1", 0.0)
        await asyncio.Event().wait()

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        await asyncio.Event().wait()
        return 0


async def test_what_takes_too_long_is_given_up() -> None:
    limited: Storage = TimeLimit(Hanging(), seconds=0.01)
    for attempt in (
        limited.put("person/v1", FILES),
        limited.get("person/v1", "48.webp"),
        limited.delete("person/v1"),
        limited.delete_unfinished(older_than_s=0),
    ):
        with pytest.raises(StorageUnavailable, match=r"no answer within 0\.01 s"):
            await attempt
    folders = limited.folders()
    assert (await anext(folders)).name == "person/v1"
    with pytest.raises(StorageUnavailable):
        await anext(folders)


async def test_without_an_address_the_folder_given_is_used(tmp_path: Path) -> None:
    storage = await open_storage(None, default=tmp_path / "pictures")
    await storage.put("person/v1", FILES)

    assert below(tmp_path / "pictures") == {"person/v1/48.webp", "person/v1/96.webp"}


async def test_an_address_names_a_folder(tmp_path: Path) -> None:
    storage = await open_storage((tmp_path / "my pictures").as_uri(), default=tmp_path / "other")
    await storage.put("person/v1", FILES)

    assert below(tmp_path) == {"my pictures/person/v1/48.webp", "my pictures/person/v1/96.webp"}


async def test_an_address_names_a_bucket_and_a_prefix_in_it(s3: str) -> None:
    storage = await open_storage("s3://pictures/of/people/", default=None)
    await storage.put("person/v1", FILES)

    whole = S3Storage("pictures")
    assert await whole.get("of/people/person/v1", "48.webp") == b"small"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must be of the form"),
        ("pictures", "must be of the form"),
        ("file://elsewhere/folder", "must be of the form"),
        ("file:folder", "must be of the form"),
        ("s3://", "must be of the form"),
        ("s3://UPPER_case", "must be of the form"),
        ("gs://bucket", "must be of the form"),
        ("http://[", "must be of the form"),
        ("s3://key:secret@pictures", "AWS_ACCESS_KEY_ID"),
        ("s3://pictures?key=secret", "AWS_ACCESS_KEY_ID"),
        ("file:///dev/null/pictures", "/dev/null"),
        ("s3://elsewhere", "NoSuchBucket"),
    ],
)
async def test_a_wrong_address_is_said_in_one_line(s3: None, url: str, reason: str) -> None:
    with pytest.raises(BackendError) as error:
        await open_storage(url, default=None)

    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://127.0.0.1", "http://"])
async def test_a_wrong_endpoint_is_said_in_one_line(
    s3: None, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    with pytest.raises(BackendError, match="AWS_ENDPOINT_URL must be"):
        await open_storage("s3://pictures", default=None)


async def test_an_endpoint_out_of_reach_is_said_in_one_line(
    s3: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")

    with pytest.raises(BackendError, match="can't be used: s3://pictures: ") as error:
        await open_storage("s3://pictures", default=None)

    assert "\n" not in str(error.value)
