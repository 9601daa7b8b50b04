"""A local folder whose work can be held up, refused, or looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from app_backend.storage import LocalStorage, StorageUnavailable


async def nothing() -> None:
    """Hold up nothing."""


class WatchedStorage(LocalStorage):
    """Calls `before_put` before files are written and `after_put` after; refuses where it is told to."""

    before_put: Callable[[], Awaitable[None]] = staticmethod(nothing)
    after_put: Callable[[], Awaitable[None]] = staticmethod(nothing)
    refuses_to_delete: Callable[[str], bool] = staticmethod(lambda _: False)
    is_down = False

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        await self.before_put()
        self._check(self.is_down)
        await super().put(folder, files)
        await self.after_put()

    async def get(self, folder: str, name: str) -> bytes | None:
        self._check(self.is_down)
        return await super().get(folder, name)

    async def delete(self, folder: str) -> None:
        self._check(self.is_down or self.refuses_to_delete(folder))
        await super().delete(folder)

    def _check(self, refused: bool) -> None:
        if refused:
            raise StorageUnavailable("refused by the test")
