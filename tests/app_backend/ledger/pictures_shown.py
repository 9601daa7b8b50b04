"""What the ledger, the storage and everybody's profile say of pictures that were uploaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from app_backend.database import Database, PictureRow

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

PNG = {"Content-Type": "image/png"}


async def rows(database: Database) -> dict[str, str]:
    """The ledger: state by version."""
    async with database.reading() as session:
        return {each.version: each.state for each in await session.scalars(select(PictureRow))}


def stored(folder: Path) -> set[str]:
    """The versions that have files."""
    return {path.parent.name for path in folder.rglob("*.webp")}


async def show(member: Member, content: bytes) -> str:
    """Upload a picture and return its version."""
    answer = await member.http.put("/me/avatar", content=content, headers=PNG)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["profile"]["avatar"]["version"])


async def shown(member: Member) -> str | None:
    """The version that everybody is sent to, after a look at all of it."""
    avatar = (await member.http.get(f"/people/{member.id}")).json()["avatar"]
    for url in avatar["urls"].values():
        assert (await member.http.get(url)).status_code == 200
    version: str | None = avatar["version"]
    return version
