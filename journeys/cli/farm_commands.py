"""What the commands of `journeys farm` do."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from rich.console import Console

from journeys.cli.conventions import INFRASTRUCTURE, INTERRUPTED, PASSED, STORE_VARIABLE, TERMINATED
from journeys.configuration import read_configuration
from journeys.devices.providers import aws_test_spec
from journeys.errors import JourneysError, SetupError, UsageError
from journeys.nightly import (
    Night,
    NightRecord,
    NightSettings,
    Plan,
    Stop,
    Store,
    TrendsRecord,
    exit_code,
    forget_nights,
    merge_shards,
    night_id,
    open_store,
    plan_night,
    read_night,
    read_shard,
    release_devices,
    results_folder,
    run_night,
    show_devices,
    show_trends,
    stop_on_signals,
    write_night_file,
    write_report,
)
from journeys.output import resolve_output
from journeys.redaction import know, process_redaction, redact, secrets_in
from journeys.timeline import format_count, format_duration

REPORT = "report"
"""The folder of the nightly report, beside night.json."""

_MAX_MINUTES = 1_000_000
_MAX_NIGHTS = 1_000_000


def _run(arguments: argparse.Namespace) -> int:
    """Play the night and return its exit code."""
    settings = _settings(arguments)
    return asyncio.run(_play(settings, dry=arguments.dry_run))


def _settings(arguments: argparse.Namespace) -> NightSettings:
    configuration = read_configuration(Path.cwd())
    night = read_night(arguments.targets, configuration)
    configuration.external_addresses(app_url=arguments.app_url, backend_url=arguments.backend_url)
    given = {"app": arguments.app_url, "backend": arguments.backend_url}
    workers = arguments.workers if arguments.workers is not None else night.workers
    for option in ("max_minutes", "max_sessions"):
        value = getattr(arguments, option)
        if value is not None and value <= 0:
            raise UsageError(f"--{option.replace('_', '-')} {value:g}: must be more than 0")
        if value is not None and not value <= _MAX_MINUTES:
            raise UsageError(f"--{option.replace('_', '-')}: must be a number up to {_MAX_MINUTES:,}")
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
    return NightSettings(
        night=night,
        configuration=configuration,
        output=output,
        id=night_id(),
        shard=shard,
        shards=shards,
        workers=workers or _choose_parallel(night),
        retries=night.retries if arguments.retries is None else arguments.retries,
        max_minutes=arguments.max_minutes or night.max_minutes,
        max_sessions=arguments.max_sessions or night.max_sessions,
        more=tuple(arguments.more),
        addresses={name: address for name, address in given.items() if address},
    )


async def _play(settings: NightSettings, *, dry: bool) -> int:
    know(secrets_in(os.environ, settings.variables))
    async with open_store(settings.night.store, settings.store_folder) as store:
        plan = await plan_night(settings, await store.durations(before=settings.id), clean=redact)
        _show_plan(plan, whole=dry)
        if dry:
            return PASSED
        stop = Stop()
        with stop_on_signals(stop):
            night = await run_night(plan, store, stop=stop, redaction=process_redaction(), say=print)
            kept = await _keep_and_report(night, store, settings.output)
    _show_outcome(night, settings.output)
    if stop.by is not None:
        return TERMINATED if stop.by == signal.SIGTERM else INTERRUPTED
    return exit_code(night) or kept


def _merge(arguments: argparse.Namespace) -> int:
    """Join the shards and return the exit code of the whole night."""
    return asyncio.run(_merge_shards(arguments))


async def _merge_shards(arguments: argparse.Namespace) -> int:
    try:
        _, store_folder = _store_of(arguments)
        keep = (Path.cwd(), Path.home(), store_folder)
        night = merge_shards(arguments.folders, arguments.output, keep=keep)
        write_night_file(arguments.output, night)
    except OSError as error:
        raise SetupError(f"the night can't be written to {arguments.output}: {error}") from error
    async with _open_store(arguments) as store:
        kept = await _keep_and_report(night, store, arguments.output)
    _show_outcome(night, arguments.output)
    # Also where its cells say nothing of it: a shard that is missing, or can't be read.
    spoiled = INFRASTRUCTURE if night["status"] == "error" else PASSED
    return exit_code(night) or spoiled or kept


def _report(arguments: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    return asyncio.run(_write_again(arguments))


async def _write_again(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    night = read_shard(folder)
    async with _open_store(arguments) as store:
        trends = await store.trends(night["name"], branch=night["branch"])
    print(_write_report(night, trends, arguments.output or folder / REPORT, evidence=folder))
    return PASSED


def _trends(arguments: argparse.Namespace) -> int:
    """Print the trends."""
    if arguments.nights < 1:
        raise UsageError(f"--nights {arguments.nights}: at least 1 is needed")
    address, folder = _store_of(arguments)
    asyncio.run(
        show_trends(
            address,
            folder,
            Console(),
            name=arguments.name,
            branch=arguments.branch,
            nights=arguments.nights,
            as_json=arguments.json,
        )
    )
    return PASSED


def _forget(arguments: argparse.Namespace) -> int:
    """Forget what is older."""
    if not 1 <= arguments.keep <= _MAX_NIGHTS:
        raise UsageError(f"--keep {arguments.keep}: 1 to {_MAX_NIGHTS:,}")
    address, folder = _store_of(arguments)
    asyncio.run(
        forget_nights(
            address,
            folder,
            Console(),
            arguments.keep,
            name=arguments.name,
            branch=arguments.branch,
            only_look=arguments.dry_run,
        )
    )
    return PASSED


def _devices(arguments: argparse.Namespace) -> int:
    """Print the leases there are."""
    address, folder = _store_of(arguments)
    asyncio.run(show_devices(address, folder, Console(), as_json=arguments.json))
    return PASSED


def _release(arguments: argparse.Namespace) -> int:
    """Release the devices and say whose they were."""
    address, folder = _store_of(arguments)
    asyncio.run(
        release_devices(
            address,
            folder,
            Console(),
            arguments.devices,
            expired=arguments.expired,
            everything=arguments.all,
        )
    )
    return PASSED


def _test_spec(arguments: argparse.Namespace) -> int:
    """Print the test spec."""
    Console().out(aws_test_spec(arguments.target), end="", highlight=False)
    return PASSED


async def _keep_and_report(night: NightRecord, store: Store, folder: Path) -> int:
    """Keep a night and write its report; return 3, and say why, where the first can't be done."""
    code, trends = PASSED, None
    try:
        await store.keep(night)
        trends = await store.trends(night["name"], branch=night["branch"])
    except JourneysError as problem:
        print(f"journeys: error: the night could not be kept: {problem}", file=sys.stderr)
        code = INFRASTRUCTURE
    _write_report(night, trends, folder / REPORT, evidence=folder)
    return code


def _write_report(night: NightRecord, trends: TrendsRecord | None, folder: Path, *, evidence: Path) -> Path:
    """Write a night's report and return its page's path; raises `SetupError` where that can't be done."""
    try:
        return write_report(night, trends, folder, evidence=evidence)
    except OSError as error:
        raise SetupError(f"the report can't be written to {folder}: {error.strerror or error}") from error


def _store_of(arguments: argparse.Namespace) -> tuple[str | None, Path]:
    """Return the store's address, if it has one, and the folder of the embedded one.

    Addresses hold passwords, so they come from the environment only.
    """
    if arguments.store is not None:
        return None, arguments.store.absolute()
    folder = read_configuration(Path.cwd()).root / ".journeys" / "store"
    return os.environ.get(STORE_VARIABLE) or None, folder


def _open_store(arguments: argparse.Namespace) -> AbstractAsyncContextManager[Store]:
    """Open the store that was named."""
    return open_store(*_store_of(arguments))


def _show_plan(plan: Plan, *, whole: bool) -> None:
    """Print what is going to be played, and how long that is expected to take; `whole`: each cell, too."""
    settings = plan.settings
    cells = sum(len(shard) for shard in plan.shards)
    castings = settings.night.castings
    several = settings.shards > 1
    workers = format_count(settings.workers, "worker") + " each" * several
    print(
        f"{settings.night.name}: {format_count(cells // len(castings), 'journey')} on {', '.join(castings)}: "
        f"{format_count(cells, 'cell')}, {format_count(settings.shards, 'shard')}, {workers}"
    )
    for target in plan.targets.records:
        devices = f" ({', '.join(target['devices'])})" if target["devices"] else ""
        where = ", ".join(filter(None, (target["platform"], target["provider"])))
        print(f"  {target['name']}: {where or 'unknown'}{devices}")
        if target["error"]:
            print(f"    not usable: {target['error']}")
    expired = [f" expired: {line}" for line in plan.quarantine.expired_entries]
    for line in [*expired, *(f": {line}" for line in plan.quarantine.unmatched)]:
        print(f"  quarantine{line}")
    for number, shard in enumerate(plan.shards, start=1):
        mine = " (this one)" if several and number == settings.shard else ""
        expected = format_duration(plan.expected_s(number))
        print(f"  shard {number}{mine}: {format_count(len(shard), 'cell')}, about {expected}")
    if settings.max_minutes is not None and plan.expected_s(settings.shard) > settings.max_minutes * 60:
        print(f"  more than the {settings.max_minutes:g} minutes allowed: some of it will not be run")
    left_out = len(plan.entries) - len(plan.playable_entries)
    if left_out:
        print(f"  {format_count(left_out, 'cell')}{' of this shard' * several} will not be run")
    if whole:
        played = {
            one.key for number in range(1, settings.shards + 1) for one in plan.playable_entries_of(number)
        }
        for shard in plan.shards:
            for cell in shard:
                expected = f"{cell.expected_s:7.1f} s" if cell.key in played else "  not run"
                what = f"{cell.journey.id}  on {cell.casting}"
                print(f"  {cell.shard}  {cell.journey.priority}  {expected}  {what}")


def _show_outcome(night: NightRecord, folder: Path) -> None:
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


def _choose_parallel(night: Night) -> int:
    """Choose how many journeys are played at a time.

    A journey keeps two processors busy: its browsers, and those who watch them. Devices that are elsewhere
    have processors of their own.
    """
    targets = [night.known.by_name.get(name) for name in night.targets]
    if not night.casts and targets and all(each and (each.appium_url or each.provider) for each in targets):
        return max(1, sum(len(each.devices) or 1 for each in targets if each))
    return max(1, (os.cpu_count() or 1) // 2)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "merge": _merge,
    "report": _report,
    "trends": _trends,
    "forget": _forget,
    "devices": _devices,
    "release": _release,
    "test-spec": _test_spec,
}
"""What is done, by the command's name."""
