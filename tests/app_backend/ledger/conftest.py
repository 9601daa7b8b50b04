"""Services whose pictures are in a folder of the test's own, where its work can be held up or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app_backend.api import Services
from app_backend.avatars import Gallery, Ledger
from app_backend.profiles import IdempotencyKeys, People, Removal
from app_backend.sweep import PictureSweep
from tests.app_backend.watched_storage import WatchedStorage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def storage(folder: Path) -> WatchedStorage:
    return WatchedStorage(folder)


@pytest.fixture
def ledger(session_services: Services) -> Ledger:
    return Ledger(session_services.database)


@pytest.fixture
def sweep(storage: WatchedStorage, ledger: Ledger) -> PictureSweep:
    return PictureSweep(storage, ledger)


@pytest.fixture
async def services(services: Services, storage: WatchedStorage, ledger: Ledger) -> Services:
    """The same services, with pictures in the watched storage."""
    gallery = Gallery(storage, services.gallery.limits, services.gallery._renderer, ledger)
    await gallery.prepare()
    keys = IdempotencyKeys(services.database, lifetime_s=60)
    return replace(
        services,
        gallery=gallery,
        people=People(services.database, gallery, keys),
        removal=Removal(services.database, gallery),
    )
