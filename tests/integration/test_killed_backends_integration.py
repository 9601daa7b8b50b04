"""kill -9 at random moments of 100 uploads: the old or the new picture, whole; nothing lost, nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest

from benches._backend_kills import kill_backends


@pytest.mark.long
async def test_backends_killed_in_the_middle_of_uploads(own_database: str, tmp_path: Path) -> None:
    # Two work side by side, so that each sweeps while the other's uploads are under way.
    survival = await kill_backends(own_database, tmp_path, kills=10, uploads_per_kill=10, lanes=2)

    assert survival.wrong == []
    assert (survival.kills, survival.sent) == (10, 100)
    assert survival.answered + survival.cut_off == 100
    # Else it would say nothing about kills.
    assert survival.cut_off > 0


@pytest.mark.long
async def test_the_same_with_pictures_in_a_bucket(own_database: str, tmp_path: Path, s3: None) -> None:
    # Where several files can't appear as one: some are there, others not yet.
    url = f"s3://pictures/{tmp_path.name}"
    survival = await kill_backends(
        own_database, tmp_path, kills=3, uploads_per_kill=8, lanes=1, storage_url=url
    )

    assert survival.wrong == []
    assert (survival.kills, survival.sent) == (3, 24)
    assert survival.answered + survival.cut_off == 24
