"""`journeys farm run`: play a nightly job, or one shard of it."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.cli.addresses import add_addresses
from journeys.cli.exits import INFRASTRUCTURE, INTERRUPTED, PASSED, TERMINATED
from journeys.configuration import read_configuration
from journeys.errors import JourneysError, SetupError, UsageError
from journeys.output import resolve_output
from journeys.redaction import know, process_redaction, redacted, secrets_in

if TYPE_CHECKING:
    from journeys.nightly.job import Night
    from journeys.nightly.plan import Plan, Settings
    from journeys.nightly.record import NightRecord
    from journeys.nightly.store import Store
    from journeys.nightly.trends import TrendsRecord

OUTPUT = Path("night-results")
REPORT = "report"
"""The folder of the nightly report, beside night.json."""

_MOST = 1_000_000
_SHARD = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm run` takes."""
    parser.add_argument(
        "--targets", metavar="FILE", type=Path, default=Path("nightly.toml"), help="(default: nightly.toml)"
    )
    parser.add_argument("--shard", metavar="I/N", type=_shard, default=(1, 1), help="the I-th of N machines")
    parser.add_argument(
        "--workers",
        metavar="N",
        type=_workers,
        help="how many journeys at a time (default: the file's, else auto: one for two processors, or one "
        "for each device where all are elsewhere)",
    )
    parser.add_argument(
        "--retries", metavar="N", type=int, help="how often infrastructure errors are tried again"
    )
    parser.add_argument("--max-minutes", metavar="M", type=float, help="stop then; the rest is not run")
    parser.add_argument("--max-sessions", metavar="N", type=int, help="play no more than N, the P0 first")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show the matrix, the packing and the expected time; play nothing",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, default=OUTPUT, help=f"where results go (default: {OUTPUT})"
    )
    add_addresses(parser)


def call(arguments: argparse.Namespace) -> int:
    """Play the night and return its exit code."""
    settings = _settings(arguments)
    return asyncio.run(_night(settings, dry=arguments.dry_run))


def _settings(arguments: argparse.Namespace) -> Settings:
    from journeys.nightly.job import read_night  # noqa: PLC0415 - a wrong command line needs none of it
    from journeys.nightly.plan import Settings, night_id  # noqa: PLC0415 - likewise
    from journeys.nightly.run import results_folder  # noqa: PLC0415 - likewise

    configuration = read_configuration(Path.cwd())
    night = read_night(arguments.targets, configuration)
    configuration.given(app_url=arguments.app_url, backend_url=arguments.backend_url)
    given = {"app": arguments.app_url, "backend": arguments.backend_url}
    workers = arguments.workers if arguments.workers is not None else night.workers
    for option in ("max_minutes", "max_sessions"):
        value = getattr(arguments, option)
        if value is not None and value <= 0:
            raise UsageError(f"--{option.replace('_', '-')} {value:g}: must be more than 0")
        if value is not None and not value <= _MOST:
            raise UsageError(f"--{option.replace('_', '-')}: must be a number up to {_MOST:,}")
    if arguments.retries is not None and not 0 <= arguments.retries <= 5:
        raise UsageError(f"--retries {arguments.retries}: 0 to 5")
    read = (configuration.root, night.file, *configuration.paths, *night.journeys)
    output = resolve_output(
        arguments.output, sources=[configuration.root / str(each).partition("::")[0] for each in read]
    )
    if not arguments.dry_run:
        # Said before the minutes that a plan may take.
        results_folder(output)
    shard, shards = arguments.shard
    return Settings(
        night=night,
        configuration=configuration,
        output=output,
        id=night_id(),
        shard=shard,
        shards=shards,
        workers=workers or _auto(night),
        retries=night.retries if arguments.retries is None else arguments.retries,
        max_minutes=arguments.max_minutes or night.max_minutes,
        max_sessions=arguments.max_sessions or night.max_sessions,
        more=tuple(arguments.more),
        addresses={name: address for name, address in given.items() if address},
    )


async def _night(settings: Settings, *, dry: bool) -> int:
    from journeys.nightly.plan import plan_night  # noqa: PLC0415 - as above
    from journeys.nightly.play import Stop, stop_on_signals  # noqa: PLC0415 - likewise
    from journeys.nightly.record import exit_code  # noqa: PLC0415 - likewise
    from journeys.nightly.run import run_night  # noqa: PLC0415 - likewise
    from journeys.nightly.store import open_store  # noqa: PLC0415 - likewise

    know(secrets_in(os.environ, settings.variables))
    async with open_store(settings.night.store, settings.store_folder) as store:
        plan = await plan_night(settings, await store.durations(before=settings.id), clean=redacted)
        show_plan(plan, whole=dry)
        if dry:
            return PASSED
        stop = Stop()
        with stop_on_signals(stop):
            night = await run_night(plan, store, stop=stop, redaction=process_redaction(), say=print)
            kept = await keep_and_report(night, store, settings.output)
    show_outcome(night, settings.output)
    if stop.by is not None:
        return TERMINATED if stop.by == signal.SIGTERM else INTERRUPTED
    return exit_code(night) or kept


async def keep_and_report(night: NightRecord, store: Store, folder: Path) -> int:
    """Keep a night and write its report; return 3, and say why, where the first can't be done."""
    code, trends = PASSED, None
    try:
        await store.keep(night)
        trends = await store.trends(night["name"], branch=night["branch"])
    except JourneysError as problem:
        print(f"journeys: error: the night could not be kept: {problem}", file=sys.stderr)
        code = INFRASTRUCTURE
    report_written(night, trends, folder / REPORT, evidence=folder)
    return code


def report_written(night: NightRecord, trends: TrendsRecord | None, folder: Path, *, evidence: Path) -> Path:
    """Write a night's report and return its page's path; raises `SetupError` where that can't be done."""
    from journeys.nightly.report import write_report  # noqa: PLC0415 - as above

    try:
        return write_report(night, trends, folder, evidence=evidence)
    except OSError as error:
        raise SetupError(f"the report can't be written to {folder}: {error.strerror or error}") from error


def show_plan(plan: Plan, *, whole: bool) -> None:
    """Print what is going to be played, and how long that is expected to take; `whole`: each cell, too."""
    settings = plan.settings
    cells = sum(len(shard) for shard in plan.shards)
    castings = settings.night.castings
    several = settings.shards > 1
    workers = _count(settings.workers, "worker") + " each" * several
    print(
        f"{settings.night.name}: {_count(cells // len(castings), 'journey')} on {', '.join(castings)}: "
        f"{_count(cells, 'cell')}, {_count(settings.shards, 'shard')}, {workers}"
    )
    for target in plan.targets.records:
        devices = f" ({', '.join(target['devices'])})" if target["devices"] else ""
        where = ", ".join(filter(None, (target["platform"], target["provider"])))
        print(f"  {target['name']}: {where or 'unknown'}{devices}")
        if target["error"]:
            print(f"    not usable: {target['error']}")
    expired = [f" expired: {line}" for line in plan.quarantine.expired]
    for line in [*expired, *(f": {line}" for line in plan.quarantine.unmatched)]:
        print(f"  quarantine{line}")
    for number, shard in enumerate(plan.shards, start=1):
        mine = " (this one)" if several and number == settings.shard else ""
        print(f"  shard {number}{mine}: {_count(len(shard), 'cell')}, about {_time(plan.expected_s(number))}")
    if settings.max_minutes is not None and plan.expected_s(settings.shard) > settings.max_minutes * 60:
        print(f"  more than the {settings.max_minutes:g} minutes allowed: some of it will not be run")
    left_out = len(plan.entries) - len(plan.to_play)
    if left_out:
        print(f"  {_count(left_out, 'cell')}{' of this shard' * several} will not be run")
    if whole:
        played = {one.key for number in range(1, settings.shards + 1) for one in plan.to_play_in(number)}
        for shard in plan.shards:
            for cell in shard:
                expected = f"{cell.expected_s:7.1f} s" if cell.key in played else "  not run"
                what = f"{cell.journey.id}  on {cell.casting}"
                print(f"  {cell.shard}  {cell.journey.priority}  {expected}  {what}")


def show_outcome(night: NightRecord, folder: Path) -> None:
    """Print how a night went, and where to read more."""
    counts = dict[str, int]()
    for cell in night["cells"]:
        aside = cell["quarantine"] is not None and cell["status"] in {"failed", "inconclusive", "error"}
        status = "in quarantine" if aside else cell["status"]
        counts[status] = counts.get(status, 0) + 1
    again = sum(len(cell["attempts"]) > 1 for cell in night["cells"])
    said = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    print(f"\n{night['name']}: {night['status']}: {said}{f'; {again} tried again' if again else ''}")
    if night["error"]:
        print(f"  cut short: {night['error']}")
    for target in night["targets"]:
        if target["error"]:
            print(f"  {target['name']}: {target['error']}")
    for cell in night["cells"]:
        tries = [each for each in cell["attempts"][:-1] if each["cause"] == "infrastructure"]
        if cell["attempts"] and (cell["status"] != "passed" or tries):
            first = next(iter((tries[0]["error"] if tries else cell["error"]).splitlines()), "")
            how = f"{cell['status']}, tried again" if tries else cell["status"]
            how += ", in quarantine" if cell["quarantine"] is not None else ""
            print(f"  {how}: {cell['journey']} on {cell['casting']}: {first}")
    for line in night["expired"]:
        print(f"  quarantine expired: {line}")
    print(f"  {folder / 'night.json'}\n  {folder / REPORT / 'index.html'}")


def _auto(night: Night) -> int:
    """Choose how many journeys are played at a time.

    A journey keeps two processors busy: its browsers, and those who watch them. Devices that are elsewhere
    have processors of their own.
    """
    targets = [night.known.by_name.get(name) for name in night.targets]
    if not night.casts and targets and all(each and (each.appium_url or each.provider) for each in targets):
        return max(1, sum(len(each.devices) or 1 for each in targets if each))
    return max(1, (os.cpu_count() or 1) // 2)


def _shard(text: str) -> tuple[int, int]:
    from journeys.nightly.record import MAX_SHARDS  # noqa: PLC0415 - most commands need none of it

    found = _SHARD.fullmatch(text)
    shard, shards = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= shard <= shards <= MAX_SHARDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no shard: write it like 2/5")
    return shard, shards


def _workers(text: str) -> int | None:
    if text == "auto":
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r}: auto, or a number from 1 to 256")
    return int(text)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
