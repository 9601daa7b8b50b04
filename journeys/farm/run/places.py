"""Asks of every target, before anything is played, whether it can be used; one that can't spoils no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from journeys.devices import check_appiums, find_place
from journeys.errors import InfrastructureError, JourneysError
from journeys.farm.night import Night
from journeys.farm.night_record import TargetRecord
from journeys.targets import Target, Targets
from journeys.timeline import Cause


class Usable:
    """What was found out about the targets of a night."""

    def __init__(self, records: list[TargetRecord], errors: dict[str, tuple[str, Cause]]) -> None:
        self.records = records
        self.errors = errors
        """By casting: why nothing can be played on it, and whose doing that is."""


async def look_at_targets(night: Night, *, clean: Callable[[str], str]) -> Usable:
    """Look at every target of a night's castings, side by side; `clean` takes secrets out of what is said."""
    named = {name: _names(night.known, name) for name in night.castings}
    targets = list(dict.fromkeys(target for names in named.values() for target in names))
    seen = await asyncio.gather(*(asyncio.to_thread(_look_at, night.known, name) for name in targets))
    records, problems = [], dict[str, tuple[str, Cause]]()
    for name, (record, problem) in zip(targets, seen, strict=True):
        if problem is not None:
            cause: Cause = "infrastructure" if isinstance(problem, InfrastructureError) else "setup"
            problems[name] = clean(str(problem)), cause
            # Whoever shows it says whose it is.
            record["error"] = problems[name][0].removeprefix(f"{name}: ")
        records.append(record)
    errors = {
        casting: next(problems[target] for target in names if target in problems)
        for casting, names in named.items()
        if any(target in problems for target in names)
    }
    return Usable(records, errors)


def _names(known: Targets, casting: str) -> Iterable[str]:
    """Return the names of a casting's targets, without asking for anything that isn't set."""
    if casting in known.by_name or casting in known.unsound:
        return [casting]
    if casting in known.casts:
        return dict.fromkeys([*known.casts[casting].values()])
    # Written out: alice=android,bob=web.
    return dict.fromkeys(part.partition("=")[2].strip() for part in casting.split(","))


def _look_at(known: Targets, name: str) -> tuple[TargetRecord, JourneysError | None]:
    settings = known.by_name.get(name)
    record = TargetRecord(
        name=name,
        platform=settings.platform if settings is not None else "",
        provider=_provider(settings) if settings is not None else "",
        devices=list(settings.devices) if settings is not None else [],
        error="",
    )
    try:
        target = known.named(name)
        place = find_place(target)
        check_appiums([place])
    except JourneysError as problem:
        return record, problem
    record["devices"] = list(place.devices)
    record["provider"] = "stand-in" if place.stand_in else record["provider"]
    return record, None


def _provider(target: Target) -> str:
    return target.provider or ("appium" if target.appium_url else "this machine")
