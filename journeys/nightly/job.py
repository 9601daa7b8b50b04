"""What a nightly job is to play: `[night]` of a nightly.toml, and the journeys that are in quarantine.

Targets and casts of the same file are read by `journeys.targets`.

[night]
name = "nightly"                            # left out: the file's name
targets = ["web", "pixel"]                  # left out: all that the file has
casts = ["mixed"]                           # left out: all that the file has
journeys = ["e2e"]                          # left out: the configuration's paths
markers = "p0 or p1"                        # left out: every journey
retries = 1                                 # how often an infrastructure error is tried again, 0 to 5
workers = "auto"                            # or how many journeys are played at a time
max_minutes = 240                           # when to stop; left out: when all is done
max_sessions = 500                          # how many plays at most, second tries included
quarantine = "quarantine.toml"              # left out: nobody is in quarantine
store = "${JOURNEYS_STORE}"                 # a PostgreSQL address; not set: an own one in .journeys/store
evidence = ["trace", "video", "screenshot"] # what is kept of a journey that fails, on the web

The quarantine file names journeys known to be flaky, who answers for them, why, and until when:

[[quarantine]]
journey = "new_avatar_reaches_every_surface"
casting = "pixel"                           # left out: on all of them
owner = "ada@example.test"
reason = "the feed scrolls by itself, see the tracker"
until = 2026-12-01                          # the last day; from the next one on the night fails by it
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from journeys.configuration import Configuration
from journeys.devices.providers import PROVIDERS
from journeys.errors import SetupError, UsageError, name_nearest
from journeys.nightly.record import QuarantineRecord
from journeys.targets import VARIABLE, Targets, castings, read_targets
from journeys.toml_file import Day, FilePath, TablePlace, read_table, read_toml

EVIDENCE: Mapping[str, str] = {
    "trace": "--tracing=retain-on-failure",
    "video": "--video=retain-on-failure",
    "screenshot": "--screenshot=only-on-failure",
}
"""What can be kept of a journey that fails, and pytest-playwright's option for it."""

_Retries = Annotated[int, msgspec.Meta(ge=0, le=5, description="a whole number from 0 to 5")]
_Workers = Annotated[int, msgspec.Meta(ge=1, le=256, description="a whole number from 1 to 256")]
_Sessions = Annotated[int, msgspec.Meta(ge=1, le=1_000_000, description="a whole number from 1 to 1000000")]

_MISSPELT = 0.85
"""How alike two names are, from 0 to 1, where one of them is taken for a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A nightly job as its file has it; `docs/reference/nightly-toml.md` says what each field means.

    `targets` and `casts` are names, and together the castings that everything is played on. `known` are the
    targets there are. `workers` is None where they are to be chosen, `store` None for an embedded one.
    """

    file: Path
    name: str
    targets: tuple[str, ...]
    casts: tuple[str, ...]
    known: Targets
    journeys: tuple[str, ...] = ()
    markers: str | None = None
    retries: int = 1
    workers: int | None = None
    max_minutes: float | None = None
    max_sessions: int | None = None
    quarantine: Path | None = None
    store: str | None = None
    evidence: tuple[str, ...] = ("screenshot",)

    @property
    def castings(self) -> tuple[str, ...]:
        """The names of everything that journeys are played on."""
        return (*self.targets, *self.casts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NightTable:
    """The keys of `[night]`."""

    name: str | None = None
    targets: tuple[str, ...] | None = None
    casts: tuple[str, ...] | None = None
    journeys: tuple[FilePath, ...] = ()
    markers: str | None = None
    retries: _Retries = 1
    workers: Literal["auto"] | _Workers = "auto"
    max_minutes: float | None = None
    max_sessions: _Sessions | None = None
    quarantine: Path | None = None
    store: str = "${JOURNEYS_STORE}"
    evidence: tuple[str, ...] = ("screenshot",)


def read_night(file: Path, configuration: Configuration) -> Night:
    """Read a nightly.toml; a target that is wrong spoils only itself.

    Raises `UsageError` where there is no such file, `SetupError` where `[night]` can't be used.
    """
    known = read_targets(configuration, file, providers=lambda: PROVIDERS)
    document, place = read_toml(file), TablePlace(file, "night")
    settings = read_table(document.get("night", {}), _NightTable, place)
    asked = settings.targets is not None or settings.casts is not None
    night = Night(
        file=file.absolute(),
        name=settings.name or file.stem,
        targets=(settings.targets or ()) if asked else tuple(document.get("targets", {})),
        casts=(settings.casts or ()) if asked else tuple(document.get("casts", {})),
        known=known,
        journeys=settings.journeys,
        markers=settings.markers,
        retries=settings.retries,
        workers=None if settings.workers == "auto" else settings.workers,
        max_minutes=settings.max_minutes,
        max_sessions=settings.max_sessions,
        quarantine=settings.quarantine and settings.quarantine.absolute(),
        store=_store(settings.store, place),
        evidence=settings.evidence,
    )
    _check(night, place)
    return night


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One entry; `casting` is None for all of them."""

    journey: str
    casting: str | None = None
    owner: str
    reason: str
    until: Day

    @property
    def record(self) -> QuarantineRecord:
        """What night.json has of it."""
        return QuarantineRecord(owner=self.owner, reason=self.reason, until=self.until.isoformat())


@dataclass(frozen=True, slots=True)
class _QuarantineFile:
    """The keys of a quarantine file."""

    quarantine: tuple[Quarantined, ...] = ()


class Quarantine:
    """The entries as they stand on a day."""

    def __init__(self, entries: Sequence[Quarantined], *, today: date, unmatched: Sequence[str] = ()) -> None:
        self._entries = entries
        self._today = today
        self._valid = {(each.journey, each.casting): each for each in entries if each.until >= today}
        self._expired = [each for each in entries if each.until < today]
        self.unmatched = list(unmatched)
        """One line for each journey that has an entry and isn't there."""

    def select_for_night(
        self, journeys: Iterable[str], castings: Iterable[str], *, whole: bool
    ) -> Quarantine:
        """Return the entries for what a night plays, with what is wrong about those that match no journey.

        Where the night doesn't play the `whole` project, a journey that it doesn't have may be there all the
        same: then only those are named that look misspelt.
        """
        known, played = set(journeys), set(castings)
        strangers = dict.fromkeys(each.journey for each in self._entries if each.journey not in known)
        return Quarantine(
            [
                each
                for each in self._entries
                if each.journey in known and (each.casting is None or each.casting in played)
            ],
            today=self._today,
            unmatched=[
                f"no journey is called {name!r:.80}: {_hint(name, known)}"
                for name in strangers
                if whole or get_close_matches(name, known, n=1, cutoff=_MISSPELT)
            ],
        )

    def find_entry(self, journey: str, casting: str) -> QuarantineRecord | None:
        """Return the entry that holds for a journey on a casting, if any."""
        found = self._valid.get((journey, casting)) or self._valid.get((journey, None))
        return None if found is None else found.record

    @property
    def expired_entries(self) -> list[str]:
        """One line for each entry whose time is up."""
        return [
            f"{each.journey}{f' on {each.casting}' if each.casting else ''}: in quarantine until "
            f"{each.until.isoformat()} ({each.owner}: {each.reason}): mend it, or give it another date"
            for each in self._expired
        ]


def read_quarantine(file: Path | None, *, today: date) -> Quarantine:
    """Read a quarantine file; None: nobody is in quarantine. Raises `SetupError` where it can't be used."""
    if file is None:
        return Quarantine((), today=today)
    try:
        document = read_toml(file)
    except FileNotFoundError as error:
        raise SetupError(f"{file} is not there: write it, or leave out [night] quarantine") from error
    entries = read_table(document, _QuarantineFile, TablePlace(file)).quarantine
    return Quarantine(entries, today=today)


def _check(night: Night, place: TablePlace) -> None:
    every = {*night.known.by_name, *night.known.unsound}
    for name in night.targets:
        if name not in every:
            raise place.error("targets", f"unknown target {name!r:.80}: {name_nearest(name, every)}")
    for cast in night.casts:
        if cast not in night.known.casts:
            try:
                castings(night.known, names=(), casts=[cast], default="web")
            except UsageError as problem:
                raise place.error("casts", str(problem)) from problem
    for kind in night.evidence:
        if kind not in EVIDENCE:
            raise place.error("evidence", f"unknown evidence {kind!r:.80}: {name_nearest(kind, EVIDENCE)}")
    if night.max_minutes is not None and night.max_minutes <= 0:
        raise place.error("max_minutes", "must be more than 0 minutes")
    if not night.castings:
        raise SetupError(f"{night.file}: nothing to play on: add [targets.NAME], or name targets in [night]")


def _store(written: str, place: TablePlace) -> str | None:
    if "://" in written and "@" in written and not VARIABLE.search(written):
        raise place.error("store", 'may hold a password: write "${JOURNEYS_STORE}" and set that outside')
    return VARIABLE.sub(lambda found: os.environ.get(found[1], ""), written) or None


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    return name_nearest(name, close) if close else "take it out"
