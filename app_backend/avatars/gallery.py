"""The avatars of all people: keep a picture's renditions, hand them out, say where they are."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.avatars.drawings import draw_default
from app_backend.avatars.ledger import Key, Ledger
from app_backend.errors import Problem
from app_backend.rendering import SIZES, PictureLimits, Renderer, Submission, encode
from app_backend.storage import Storage


class Avatar(BaseModel):
    """The picture of a person, in four sizes. An address never shows another picture than it first did."""

    version: str | None = Field(description="Changes with the picture; null while there is none.")
    is_default: bool
    urls: dict[str, str] = Field(
        description="Absolute addresses by side length in pixels: 48, 96, 192, 512.",
        examples=[{"48": "http://127.0.0.1:8000/avatars/default/0123456789abcdef/48.webp"}],
    )


log = logging.getLogger(__name__)

VERSION_PATTERN = r"[0-9a-f]{16}"
DEFAULT = "default"
RETRY_AFTER_S = 1

Renditions = Mapping[int, bytes]
"""A picture in every size: WebP by side length in pixels."""


class Withdrawn(Exception):
    """A picture was taken for abandoned before its upload could hold it: begin again with another version."""


class Gallery:
    """Keeps every picture under a version of its own, so that an address never changes what it shows.

    What is done with the storage raises `Problem` (503) where that fails.
    """

    def __init__(self, storage: Storage, limits: PictureLimits, renderer: Renderer, ledger: Ledger) -> None:
        self.limits = limits
        self._storage = storage
        self._renderer = renderer
        self._ledger = ledger
        self._default: dict[int, bytes] = {}
        self._default_version = ""

    async def prepare(self) -> None:
        """Draw the avatar of people without a picture."""
        self._default = await asyncio.to_thread(lambda: encode(draw_default()))
        self._default_version = hashlib.sha256(self._default[max(SIZES)]).hexdigest()[:16]

    async def render(self, submission: Submission) -> Renditions:
        """Make a picture ready to be shown; raises `Problem` where it can't be used."""
        return await self._renderer.render(submission)

    @asynccontextmanager
    async def new_version(self, person_id: uuid.UUID) -> AsyncIterator[str]:
        """Yield the version of a picture to be; where the block fails, nothing is left of it."""
        version = secrets.token_hex(8)
        key = (person_id, version)
        await self._ledger.enter(key)
        try:
            yield version
        except BaseException:
            await self._withdraw(key)
            raise

    async def keep(
        self, session: AsyncSession, person_id: uuid.UUID, version: str, files: Renditions
    ) -> None:
        """Write an incoming picture's files, which stay if the session's transaction is committed.

        Raises `Withdrawn` where a sweep was quicker.
        """
        if not await self._ledger.hold(session, (person_id, version)):
            raise Withdrawn
        with _report_outage():
            await self._storage.put(
                folder_of((person_id, version)), {f"{size}.webp": files[size] for size in files}
            )

    async def replace(
        self, session: AsyncSession, person_id: uuid.UUID, *, old: str | None, new: str | None
    ) -> None:
        """Note in the session's transaction which picture leaves, and which one, kept by it, is shown."""
        await self._ledger.replace(
            session,
            old=(person_id, old) if old is not None else None,
            new=(person_id, new) if new is not None else None,
        )

    async def discard(self, person_id: uuid.UUID, *versions: str) -> None:
        """Remove pictures that nobody's profile shows any more; what fails is left to the next sweep."""
        for version in versions:
            try:
                await self._storage.delete(folder_of((person_id, version)))
                await self._ledger.strike_out([(person_id, version)])
            except (OSError, SQLAlchemyError) as error:
                # The change itself is done; what is left over is not worth failing it.
                log.warning("avatar %s of %s stays until the next sweep: %s", version, person_id, error)

    async def rendition(self, person_id: uuid.UUID, version: str, size: int) -> bytes | None:
        """Return one rendition, or None where there is none (any more)."""
        with _report_outage():
            return await self._storage.get(folder_of((person_id, version)), f"{size}.webp")

    def default_rendition(self, version: str, size: int) -> bytes | None:
        """Return one rendition of the default avatar."""
        return self._default.get(size) if version == self._default_version else None

    def describe(self, person_id: uuid.UUID, version: str | None, base_url: str) -> Avatar:
        """Say where a person's avatar is, seen from `base_url`."""
        path = f"{DEFAULT}/{self._default_version}" if version is None else f"{person_id}/{version}"
        urls = {str(size): f"{base_url}/avatars/{path}/{size}.webp" for size in SIZES}
        return Avatar(version=version, is_default=version is None, urls=urls)

    async def _withdraw(self, key: Key) -> None:
        """Remove a picture whose upload failed, unless its commit went through after all."""
        try:
            if await self._ledger.withdraw(key):
                await self.discard(*key)
        except (OSError, SQLAlchemyError) as error:
            log.warning("avatar %s of %s is left to the next sweep: %s", key[1], key[0], error)


def folder_of(key: Key) -> str:
    """Return the folder in which the storage keeps a picture."""
    return f"{key[0]}/{key[1]}"


def key_of(folder: str) -> Key | None:
    """Return the picture that a folder keeps, or None for a folder that isn't of the gallery's making."""
    owner, _, version = folder.partition("/")
    try:
        key = (uuid.UUID(owner), version)
    except ValueError:
        return None
    return key if re.fullmatch(VERSION_PATTERN, version) and folder_of(key) == folder else None


@contextmanager
def _report_outage() -> Iterator[None]:
    """Say to whoever asked that pictures are out of reach, and to the log why."""
    try:
        yield
    except OSError as error:
        log.warning("pictures are out of reach: %s", error)
        raise Problem(
            503,
            "pictures are out of reach at the moment: try again soon",
            headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"},
        ) from error
