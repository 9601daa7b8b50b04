"""The plan of a night: which journeys there are, which targets can be used, how long it takes."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flutter_bridge import temporary_folder
from journeys.configuration import Configuration
from journeys.devices import check_appiums, find_place
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import InfrastructureError, JourneysError, SetupError, UsageError
from journeys.nightly.job import Night, Quarantine, read_quarantine
from journeys.nightly.matrix import ListedJourney, MatrixEntry, build_matrix, pack, wall_time
from journeys.nightly.record import TargetRecord
from journeys.targets import VARIABLE, Target, Targets
from journeys.timeline import Cause

COLLECTION_TIMEOUT_S = 300.0
"""How long collecting may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSettings:
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


@dataclass(frozen=True, slots=True)
class TargetChecks:
    """What was found out about the targets of a night.

    `errors` says by casting why nothing can be played on it, and whose doing that is.
    """

    records: list[TargetRecord]
    errors: dict[str, tuple[str, Cause]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be played; `shards` are the entries of each of them, those that take longest first."""

    settings: NightSettings
    shards: list[list[MatrixEntry]]
    targets: TargetChecks
    quarantine: Quarantine

    @property
    def entries(self) -> list[MatrixEntry]:
        """The entries of the shard that this call plays."""
        return self.shards[self.settings.shard - 1]

    @property
    def playable_entries(self) -> list[MatrixEntry]:
        """Those of them that can be played: what each target allows, and no more than is allowed in all."""
        return self.playable_entries_of(self.settings.shard)

    def playable_entries_of(self, shard: int) -> list[MatrixEntry]:
        """Return the entries of a shard that can be played."""
        playable = [entry for entry in self.shards[shard - 1] if entry.casting not in self.targets.errors]
        return most_important(playable, self.settings.sessions_of(shard))

    def expected_s(self, shard: int) -> float:
        """How long a shard is expected to take."""
        return wall_time(
            (entry.expected_s for entry in self.playable_entries_of(shard)), self.settings.workers
        )


def most_important(entries: list[MatrixEntry], sessions: int | None) -> list[MatrixEntry]:
    """Return as many entries as may be played, the most important ones, in the order they had."""
    if sessions is None or len(entries) <= sessions:
        return entries
    kept = {entry.key for entry in sorted(entries, key=lambda entry: entry.journey.priority)[:sessions]}
    return [entry for entry in entries if entry.key in kept]


async def plan_night(
    settings: NightSettings, durations: Mapping[tuple[str, str], float], *, clean: Callable[[str], str]
) -> Plan:
    """Collect the journeys, look at the targets and pack; raises `UsageError` where nothing is there."""
    quarantine = read_quarantine(settings.night.quarantine, today=datetime.now(UTC).date())
    journeys, targets = await asyncio.gather(
        collect(settings, clean=clean), check_targets(settings.night, clean=clean)
    )
    night = settings.night
    entries = build_matrix(journeys, night.castings, durations)
    return Plan(
        settings=settings,
        shards=pack(entries, settings.shards),
        targets=targets,
        quarantine=quarantine.select_for_night(
            (journey.id for journey in journeys),
            night.castings,
            whole=not (night.markers or night.journeys),
        ),
    )


def paths(settings: NightSettings) -> list[str]:
    """Return what pytest collects."""
    root = settings.configuration.root
    found = [str(root / path) for path in settings.night.journeys or settings.configuration.paths]
    for path in found:
        if not Path(path.partition("::")[0]).exists():
            raise SetupError(f"{path} is not there: make it, or set [night] journeys")
    return found


async def collect(settings: NightSettings, *, clean: Callable[[str], str]) -> list[ListedJourney]:
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
            async with asyncio.timeout(COLLECTION_TIMEOUT_S):
                output, _ = await process.communicate()
        except TimeoutError as error:
            raise SetupError(
                f"pytest did not collect the journeys within {COLLECTION_TIMEOUT_S:g} s"
            ) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            listed = read_listing(listing) if process.returncode in {0, 5} else None
        except UnreadableDocument as error:
            raise SetupError(f"the journeys can't be collected: pytest's list of them {error}") from error
    if listed is None:
        lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
        telling = (line for line in reversed(lines) if line.startswith(("E ", "ERROR")))
        why = next(telling, (lines or ["pytest said nothing"])[-1])
        raise SetupError(f"the journeys can't be collected: {clean(why)}")
    if not listed:
        marked = f" marked {settings.night.markers!r}" if settings.night.markers else ""
        raise UsageError(f"nothing to run: there is no journey{marked} in {', '.join(paths(settings))}")
    return listed


def read_listing(listing: Path) -> list[ListedJourney] | None:
    """Read what pytest listed, None where it listed nothing; raises `UnreadableDocument`."""
    if not listing.exists():
        return None
    return decode_json(read_document(listing), list[ListedJourney])


async def check_targets(night: Night, *, clean: Callable[[str], str]) -> TargetChecks:
    """Look at every target of a night's castings, side by side; `clean` takes secrets out of errors."""
    named = {name: _names(night.known, name) for name in night.castings}
    targets = list(dict.fromkeys(target for names in named.values() for target in names))
    seen = await asyncio.gather(*(asyncio.to_thread(_check_target, night.known, name) for name in targets))
    records, problems = [], dict[str, tuple[str, Cause]]()
    for name, (record, problem) in zip(targets, seen, strict=True):
        if problem is not None:
            cause: Cause = "infrastructure" if isinstance(problem, InfrastructureError) else "setup"
            problems[name] = clean(str(problem)), cause
            # What shows it names the target.
            record["error"] = problems[name][0].removeprefix(f"{name}: ")
        records.append(record)
    errors = {
        casting: next(problems[target] for target in names if target in problems)
        for casting, names in named.items()
        if any(target in problems for target in names)
    }
    return TargetChecks(records, errors)


def _names(known: Targets, casting: str) -> Iterable[str]:
    """Return the names of a casting's targets, without asking for anything that isn't set."""
    if casting in known.by_name or casting in known.unsound:
        return [casting]
    if casting in known.casts:
        return dict.fromkeys([*known.casts[casting].values()])
    # Written out: alice=android,bob=web.
    return dict.fromkeys(part.partition("=")[2].strip() for part in casting.split(","))


def _check_target(known: Targets, name: str) -> tuple[TargetRecord, JourneysError | None]:
    settings = known.by_name.get(name)
    record = TargetRecord(
        name=name,
        platform=settings.platform if settings is not None else "",
        provider=_provider(settings) if settings is not None else "",
        devices=list(settings.devices) if settings is not None else [],
        error="",
    )
    try:
        target = known.find(name)
        place = find_place(target)
        check_appiums([place])
    except JourneysError as problem:
        return record, problem
    record["devices"] = list(place.devices)
    record["provider"] = "stand-in" if place.stand_in else record["provider"]
    return record, None


def _provider(target: Target) -> str:
    return target.provider or ("appium" if target.appium_url else "this machine")
