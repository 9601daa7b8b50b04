"""What a night is played with: its file, the command line's word, and where results go."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from journeys.configuration import Configuration
from journeys.farm.night import Night
from journeys.targets.secrets import VARIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that one call of `journeys farm run` goes by.

    `shard` of `shards` counts from 1. `id` is the same for all shards of a night. `more` are words for
    pytest.
    """

    night: Night
    configuration: Configuration
    output: Path
    id: str
    shard: int = 1
    shards: int = 1
    workers: int = 1
    retries: int = 1
    max_minutes: float | None = None
    max_sessions: int | None = None
    more: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def sessions(self) -> int | None:
        """How many plays this shard may begin at most, second tries included; None: as many as it takes."""
        return self.sessions_of(self.shard)

    def sessions_of(self, shard: int) -> int | None:
        """How many of them one of the shards may begin."""
        if self.max_sessions is None:
            return None
        each, left = divmod(self.max_sessions, self.shards)
        return each + (shard <= left)

    @property
    def store(self) -> str:
        """Where devices are leased and nights are kept: an address, or the folder of an embedded server."""
        return self.night.store or str(self.store_folder)

    @property
    def store_folder(self) -> Path:
        """The folder of the embedded server."""
        return self.configuration.root / ".journeys" / "store"

    @property
    def variables(self) -> frozenset[str]:
        """The environment variables that the night's file names: what they hold is nobody's business."""
        return frozenset(VARIABLE.findall(self.night.file.read_text(encoding="utf-8")))


def night_id(environment: Mapping[str, str] = os.environ) -> str:
    """Return what tells this night from others: a CI's run, so that its shards agree, else a new one."""
    for name in ("JOURNEYS_NIGHT", "GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILD_TAG"):
        # Not with GitHub's number of the attempt: a shard run again belongs to the night of the others.
        if environment.get(name):
            return environment[name]
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
