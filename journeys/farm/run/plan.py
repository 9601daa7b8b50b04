"""The plan of a night: which journeys there are, on what they are played, in which order, how long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flutter_bridge.temporary import temporary_folder
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import SetupError, UsageError
from journeys.farm.night import Cell, Listed, Quarantine, matrix, read_quarantine
from journeys.farm.packing import packed, wall
from journeys.farm.run.places import Usable, look_at_targets
from journeys.farm.run.settings import Settings

PATIENCE = 300.0
"""Seconds that collecting may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be played; `shards` are the cells of each of them, those that take longest first."""

    settings: Settings
    shards: list[list[Cell]]
    usable: Usable
    quarantine: Quarantine

    @property
    def cells(self) -> list[Cell]:
        """The cells of the shard that this call plays."""
        return self.shards[self.settings.shard - 1]

    @property
    def to_play(self) -> list[Cell]:
        """Those of them that can be played: what each target allows, and no more than is allowed in all."""
        return self.played_by(self.settings.shard)

    def played_by(self, shard: int) -> list[Cell]:
        """Return the cells of a shard that can be played."""
        cells = [cell for cell in self.shards[shard - 1] if cell.casting not in self.usable.errors]
        return within(cells, self.settings.sessions_of(shard))

    def expected_s(self, shard: int) -> float:
        """How long a shard is expected to take."""
        return wall((cell.expected_s for cell in self.played_by(shard)), self.settings.workers)


def within(cells: list[Cell], sessions: int | None) -> list[Cell]:
    """Return as many cells as may be played, the most important ones, in the order they had."""
    if sessions is None or len(cells) <= sessions:
        return cells
    kept = {cell.key for cell in sorted(cells, key=lambda cell: cell.journey.priority)[:sessions]}
    return [cell for cell in cells if cell.key in kept]


async def plan_night(
    settings: Settings, durations: Mapping[tuple[str, str], float], *, clean: Callable[[str], str]
) -> Plan:
    """Collect the journeys, look at the targets and pack; raises `UsageError` where nothing is there."""
    quarantine = read_quarantine(settings.night.quarantine, today=datetime.now(UTC).date())
    journeys, usable = await asyncio.gather(
        collect(settings, clean=clean), look_at_targets(settings.night, clean=clean)
    )
    night = settings.night
    cells = matrix(journeys, night.castings, durations)
    return Plan(
        settings=settings,
        shards=packed(cells, settings.shards),
        usable=usable,
        quarantine=quarantine.in_night(
            (journey.id for journey in journeys),
            night.castings,
            whole=not (night.markers or night.journeys),
        ),
    )


def paths(settings: Settings) -> list[str]:
    """Return what pytest collects."""
    root = settings.configuration.root
    found = [str(root / path) for path in settings.night.journeys or settings.configuration.paths]
    for path in found:
        if not Path(path.partition("::")[0]).exists():
            raise SetupError(f"{path} is not there: make it, or set [night] journeys")
    return found


async def collect(settings: Settings, *, clean: Callable[[str], str]) -> list[Listed]:
    """Have pytest collect the night's journeys; raises `SetupError` where it can't, in its own words."""
    with temporary_folder("plan") as folder:
        listing = folder / "journeys.json"
        words = [
            *("--collect-only", "-q", "-n", "0"),
            *("-p", "no:randomly", "-p", "no:playwright", "-p", "no:cacheprovider"),
            f"--journey-listing={listing}",
            *(("-m", settings.night.markers) if settings.night.markers else ()),
            *paths(settings),
        ]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pytest",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await process.communicate()
        except TimeoutError as error:
            raise SetupError(f"pytest did not collect the journeys within {PATIENCE:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            listed = read_listing(listing) if process.returncode in {0, 5} else None
        except UnreadableDocument as error:
            raise SetupError(f"the journeys can't be collected: pytest's list of them {error}") from error
    if listed is None:
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        telling = next((line for line in reversed(lines) if line.startswith(("E ", "ERROR"))), "")
        why = telling or (lines or ["pytest said nothing"])[-1]
        raise SetupError(f"the journeys can't be collected: {clean(why)}")
    if not listed:
        marked = f" marked {settings.night.markers!r}" if settings.night.markers else ""
        raise UsageError(f"nothing to run: there is no journey{marked} in {', '.join(paths(settings))}")
    return listed


def read_listing(listing: Path) -> list[Listed] | None:
    """Read what pytest listed, None where it listed nothing; raises `UnreadableDocument`."""
    if not listing.exists():
        return None
    return decode_json(read_document(listing), list[Listed])
