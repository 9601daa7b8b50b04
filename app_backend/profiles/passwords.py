"""Password hashes: Argon2id, computed off the event loop."""

from __future__ import annotations

import asyncio
import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app_backend.settings import PasswordHashing


class Passwords:
    """Hashes and verifies passwords, not more at once than there are processors."""

    def __init__(self, strength: PasswordHashing) -> None:
        # The library's defaults follow RFC 9106; each hash takes 64 MiB.
        cheap = strength is PasswordHashing.CHEAP
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()
        )
        self._at_work = asyncio.Semaphore(os.cpu_count() or 1)
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a password, salted."""
        async with self._at_work:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password fits; without a hash, take as long and say no."""
        if hashed is None:
            self._of_nobody = self._of_nobody or await self.hash("of nobody")
        async with self._at_work:
            fits = await asyncio.to_thread(self._verify, password, hashed or self._of_nobody or "")
        return fits and hashed is not None

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
