"""The local folder: whole or not at all, and nothing outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_backend.storage import LocalStorage


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_what_is_put_can_be_got_until_it_is_deleted(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    await storage.put("person/v1", {"48.webp": b"small", "96.webp": b"large"})
    await storage.put("person/v2", {"48.webp": b"new"})

    assert await storage.get("person/v1", "96.webp") == b"large"
    await storage.delete("person/v1")
    await storage.delete("person/v1")

    assert await storage.get("person/v1", "96.webp") is None
    assert below(tmp_path) == {"person/v2/48.webp"}


async def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    (tmp_path / "person").write_bytes(b"a file where a folder is needed")

    with pytest.raises(OSError, match="person"):
        await storage.put("person/v1", {"48.webp": b"small"})

    assert below(tmp_path) == {"person"}


@pytest.mark.parametrize(
    "name", ["..", ".", "", "../secret", "/etc/passwd", "a\\b", "a\0b", ".incoming", "a/../b"]
)
async def test_names_can_not_lead_outside(tmp_path: Path, name: str) -> None:
    storage = LocalStorage(tmp_path / "inside")
    (tmp_path / "secret").write_bytes(b"secret")

    for attempt in (storage.get("person", name), storage.get(name, "secret"), storage.delete(name)):
        with pytest.raises(ValueError, match="not a name"):
            await attempt
    with pytest.raises(ValueError, match="not a name"):
        await storage.put("person", {name: b"evil"})
    assert (tmp_path / "secret").read_bytes() == b"secret"
