"""Reads the quarantine file: journeys known to be flaky, who answers for them, why, and until when.

[[quarantine]]
journey = "new_avatar_reaches_every_surface"
casting = "pixel"                           # left out: on all of them
owner = "ada@example.test"
reason = "the feed scrolls by itself, see the tracker"
until = 2026-12-01                          # the last day; from the next one on the night fails by it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from journeys.errors import SetupError, nearest
from journeys.farm.night_record import QuarantineRecord
from journeys.toml_table import Table, read_toml

_MISSPELT = 0.85
"""How alike two names are, from 0 to 1, where one of them is taken for a slip."""


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
        same: then only those are told whose names look misspelt.
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
