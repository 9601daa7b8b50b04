"""The avatars of all people: keep a picture's renditions, hand them out, say where they are."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import uuid

from app_backend.avatars.drawings import draw_default
from app_backend.avatars.models import Avatar
from app_backend.rendering import SIZES, Limits, Renderer, encode
from app_backend.storage import Storage

log = logging.getLogger(__name__)

VERSION_PATTERN = r"[0-9a-f]{16}"
DEFAULT = "default"


class Gallery:
    """Keeps every picture under a version of its own, so that an address never changes what it shows."""

    def __init__(self, storage: Storage, limits: Limits, renderer: Renderer) -> None:
        self.limits = limits
        self._storage = storage
        self._renderer = renderer
        self._default: dict[int, bytes] = {}
        self._default_version = ""

    async def prepare(self) -> None:
        """Draw the avatar of people without a picture."""
        self._default = await asyncio.to_thread(lambda: encode(draw_default()))
        self._default_version = hashlib.sha256(self._default[max(SIZES)]).hexdigest()[:16]

    async def add(self, person_id: uuid.UUID, data: bytes) -> str:
        """Keep a picture and return its version; raises `Problem` where it can't be used."""
        files = await self._renderer.render(data)
        version = secrets.token_hex(8)
        await self._storage.put(
            _folder(person_id, version), {f"{size}.webp": content for size, content in files.items()}
        )
        return version

    async def discard(self, person_id: uuid.UUID, version: str) -> None:
        """Remove a picture that nobody's profile shows any more."""
        try:
            await self._storage.delete(_folder(person_id, version))
        except OSError:
            # The change itself is done; what is left over is not worth failing it.
            log.exception("avatar %s of %s could not be removed", version, person_id)

    async def rendition(self, person_id: uuid.UUID, version: str, size: int) -> bytes | None:
        """Return one rendition, or None where there is none (any more)."""
        return await self._storage.get(_folder(person_id, version), f"{size}.webp")

    def default_rendition(self, version: str, size: int) -> bytes | None:
        """Return one rendition of the default avatar."""
        return self._default.get(size) if version == self._default_version else None

    def describe(self, person_id: uuid.UUID, version: str | None, base_url: str) -> Avatar:
        """Say where a person's avatar is, seen from `base_url`."""
        path = f"{DEFAULT}/{self._default_version}" if version is None else f"{person_id}/{version}"
        urls = {str(size): f"{base_url}/avatars/{path}/{size}.webp" for size in SIZES}
        return Avatar(version=version, is_default=version is None, urls=urls)


def _folder(person_id: uuid.UUID, version: str) -> str:
    return f"{person_id}/{version}"
