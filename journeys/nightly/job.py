"""What a nightly job is to play: `[night]` of a nightly.toml, and the journeys that are in quarantine.

Targets and casts of the same file are read by `journeys.targets`.

[night]` of a nightly.toml, beside the targets and casts that `journeys.targets` reads.

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

from journeys.configuration import Configuration
from journeys.devices.providers import PROVIDERS
from journeys.errors import SetupError, UsageError, nearest
from journeys.nightly.record import QuarantineRecord
from journeys.targets import Targets, castings, read_targets
from journeys.targets.secrets import VARIABLE
from journeys.toml_table import Table, read_toml

EVIDENCE: Mapping[str, str] = {
    "trace": "--tracing=retain-on-failure",
    "video": "--video=retain-on-failure",
    "screenshot": "--screenshot=only-on-failure",
}
"""What can be kept of a journey that fails, and pytest-playwright's option for it."""

MAX_RETRIES = 5
MAX_WORKERS = 256
MAX_SESSIONS = 1_000_000

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


def read_night(file: Path, configuration: Configuration) -> Night:
    """Read a nightly.toml; a target that is wrong spoils only itself.

    Raises `UsageError` where there is no such file, `SetupError` where `[night]` can't be used.
    """
    known = read_targets(configuration, file, providers=lambda: PROVIDERS)
    document = read_toml(file)
    table = Table(document.get("night", {}), file, "night")
    names, casts = tuple(document.get("targets", {})), tuple(document.get("casts", {}))
    asked = table.has("targets") or table.has("casts")
    night = Night(
        file=file.absolute(),
        name=table.text("name", file.stem),
        targets=table.texts("targets", () if asked else names),
        casts=table.texts("casts", () if asked else casts),
        known=known,
        journeys=table.paths("journeys", ()),
        markers=table.text_or_none("markers"),
        retries=_retries(table),
        workers=_workers(table),
        max_minutes=_minutes(table),
        max_sessions=table.whole("max_sessions", 1, most=MAX_SESSIONS) if table.has("max_sessions") else None,
        quarantine=file.absolute().parent / table.path("quarantine") if table.has("quarantine") else None,
        store=_store(table),
        evidence=table.texts("evidence", ("screenshot",)),
    )
    table.refuse_the_rest()
    _check(night, table)
    return night


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One entry; `casting` is None for all of them."""

    journey: str
    casting: str | None
    owner: str
    reason: str
    until: date

    @property
    def record(self) -> QuarantineRecord:
        """What night.json has of it."""
        return QuarantineRecord(owner=self.owner, reason=self.reason, until=self.until.isoformat())


class Quarantine:
    """The entries as they stand on a day."""

    def __init__(self, entries: Sequence[Quarantined], *, today: date, unmatched: Sequence[str] = ()) -> None:
        self._entries = entries
        self._today = today
        self._valid = {(each.journey, each.casting): each for each in entries if each.until >= today}
        self._expired = [each for each in entries if each.until < today]
        self.unmatched = list(unmatched)
        """One line for each journey that has an entry and isn't there."""

    def in_night(self, journeys: Iterable[str], castings: Iterable[str], *, whole: bool) -> Quarantine:
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

    def of(self, journey: str, casting: str) -> QuarantineRecord | None:
        """Return the entry that holds for a journey on a casting, if any."""
        found = self._valid.get((journey, casting)) or self._valid.get((journey, None))
        return None if found is None else found.record

    @property
    def expired(self) -> list[str]:
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
    top = Table(document, file, "")
    entries = [_entry(each) for each in top.tables("quarantine")]
    top.refuse_the_rest()
    return Quarantine(entries, today=today)


def _check(night: Night, table: Table) -> None:
    every = {*night.known.by_name, *night.known.unsound}
    for name in night.targets:
        if name not in every:
            raise table.error("targets", f"unknown target {name!r:.80}: {nearest(name, every)}")
    for cast in night.casts:
        if cast not in night.known.casts:
            try:
                castings(night.known, names=(), casts=[cast], default="web")
            except UsageError as problem:
                raise table.error("casts", str(problem)) from problem
    for kind in night.evidence:
        if kind not in EVIDENCE:
            raise table.error("evidence", f"unknown evidence {kind!r:.80}: {nearest(kind, EVIDENCE)}")
    if not night.castings:
        raise SetupError(f"{night.file}: nothing to play on: add [targets.NAME], or name targets in [night]")


def _retries(table: Table) -> int:
    number = table.number("retries", 1)
    if number != int(number) or not 0 <= number <= MAX_RETRIES:
        raise table.error("retries", f"expected a whole number from 0 to {MAX_RETRIES}, found {number:g}")
    return int(number)


def _workers(table: Table) -> int | None:
    if table.has("workers") and table.is_text("workers"):
        table.one_of("workers", ("auto",))
        return None
    return table.whole("workers", 1, most=MAX_WORKERS) if table.has("workers") else None


def _minutes(table: Table) -> float | None:
    minutes = table.number_or_none("max_minutes")
    if minutes is not None and minutes <= 0:
        raise table.error("max_minutes", "must be more than 0 minutes")
    return minutes


def _store(table: Table) -> str | None:
    written = table.text("store", "${JOURNEYS_STORE}")
    if "://" in written and "@" in written and not VARIABLE.search(written):
        raise table.error("store", 'may hold a password: write "${JOURNEYS_STORE}" and set that outside')
    return VARIABLE.sub(lambda found: os.environ.get(found[1], ""), written) or None


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    return nearest(name, close) if close else "take it out"


def _entry(table: Table) -> Quarantined:
    entry = Quarantined(
        journey=table.text("journey"),
        casting=table.text_or_none("casting"),
        owner=table.text("owner"),
        reason=table.text("reason"),
        until=table.day("until"),
    )
    table.refuse_the_rest()
    return entry
