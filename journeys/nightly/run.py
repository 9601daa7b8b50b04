"""Plays a night from its plan to its record."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from journeys.errors import InfrastructureError, UsageError
from journeys.nightly.journals import gather_attempts
from journeys.nightly.plan import NightSettings, Plan
from journeys.nightly.play import PytestEnd, Stop, holder, play
from journeys.nightly.record import (
    FILE_NAME,
    SCHEMA,
    CellRecord,
    NightRecord,
    worst_status,
    write_night_file,
)
from journeys.nightly.store import Store
from journeys.output import OutputFolder, list_night_files
from journeys.redaction import Redaction
from journeys.report import rfc3339
from journeys.timeline import Cause


async def run_night(
    plan: Plan, store: Store, *, stop: Stop, redaction: Redaction, say: Callable[[str], None]
) -> NightRecord:
    """Play a shard of a night and return its record, which lies in night.json by then.

    What the infrastructure spoiled is tried again, as often as the settings allow. Where `stop` is set, what
    has been played is kept, the rest is `not run`, and no lease of the night's stays.
    """
    settings = plan.settings
    output = _clear_folder(settings.output)
    night = _unplayed_record(plan)
    write_night_file(settings.output, night)
    waiting = [entry.key for entry in plan.playable_entries]
    left = settings.sessions
    ended = PytestEnd(code=0, message="")
    limit = settings.max_minutes
    timer = None
    if limit is not None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(limit * 60, stop.request, f"the {limit:g} minutes allowed were over")
    try:
        for number in range(1, settings.retries + 2):
            if not waiting or stop:
                break
            if number > 1:
                say(f"try {number}: {len(waiting)} of the infrastructure's failures again")
            output.claim(*(f"attempt-{number}{suffix}" for suffix in ("", ".log")))
            ended = await play(
                settings,
                number,
                waiting,
                stop=stop,
                say=lambda line: say(redaction.text(line)),
            )
            night = gather_attempts(night, settings.output)
            left = None if left is None else left - _count_attempts(night, number)
            waiting = _find_retries(night, waiting, number, ended)[:left]
    finally:
        if timer is not None:
            timer.cancel()
        await _release_leases(store, settings)
        for name in output.names():
            redaction.folder(settings.output / name)
        night = finish(gather_attempts(night, settings.output), stop.reason, ended)
        write_night_file(settings.output, night)
    return night


def _find_retries(
    night: NightRecord, played: list[tuple[str, str]], number: int, ended: PytestEnd
) -> list[tuple[str, str]]:
    """Return what is to be tried again: what the infrastructure spoiled, or kept from beginning at all."""
    causes = dict[tuple[str, str], Cause]()
    for cell in night["cells"]:
        last = cell["attempts"][-1] if cell["attempts"] else None
        if last is not None and last["number"] == number:
            causes[cell["journey"], cell["casting"]] = last["cause"]
    # A session that has to be set right first would end the same way again.
    never = "" if ended.code in {2, 4, 5} else "infrastructure"
    return [key for key in played if causes.get(key, never) == "infrastructure"]


def _count_attempts(night: NightRecord, number: int) -> int:
    return sum(one["number"] == number for cell in night["cells"] for one in cell["attempts"])


def results_folder(folder: Path) -> OutputFolder:
    """Return a folder for a night's results; raises `UsageError` where it can't be one."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"--output {folder}: {there} can't be written to: name another")
    output = OutputFolder(folder, earlier=list_night_files)
    if not output.is_ours():
        raise UsageError(f"--output {folder}: this folder holds other files and no night: name another")
    return output


def _clear_folder(folder: Path) -> OutputFolder:
    """Make the folder for results, and remove the night that lies there."""
    output = results_folder(folder)
    output.clear()
    output.claim(FILE_NAME)
    output.claim_free("report")
    return output


def _unplayed_record(plan: Plan) -> NightRecord:
    """Return the record of a night of which nothing has been played."""
    settings, now = plan.settings, datetime.now(UTC)
    revision, branch = _revision_and_branch(settings.configuration.root)
    allowed = {entry.key for entry in plan.playable_entries}
    cells = []
    for entry in plan.entries:
        error, cause = plan.targets.errors.get(entry.casting, ("", ""))
        if not error and entry.key not in allowed:
            error = f"{settings.max_sessions} sessions are as many as were allowed"
        cells.append(
            CellRecord(
                journey=entry.journey.id,
                name=entry.journey.name,
                priority=entry.journey.priority,
                casting=entry.casting,
                status="not run",
                cause=cause,
                error=error,
                expected_s=round(entry.expected_s, 3),
                shard=entry.shard,
                quarantine=plan.quarantine.find_entry(*entry.key),
                attempts=[],
            )
        )
    return NightRecord(
        schema=SCHEMA,
        id=settings.id,
        name=settings.night.name,
        started_at=rfc3339(now),
        finished_at="",
        duration_s=0.0,
        status="not run",
        error="it has not ended yet",
        revision=revision,
        branch=branch,
        shards=[settings.shard],
        shard_count=settings.shards,
        workers=settings.workers,
        whole_cells=sum(len(shard) for shard in plan.shards),
        targets_file=Path(os.path.relpath(settings.night.file, settings.configuration.root)).as_posix(),
        planned_s=round(plan.expected_s(settings.shard), 3),
        expired=plan.quarantine.expired_entries,
        unmatched=plan.quarantine.unmatched,
        targets=plan.targets.records,
        cells=cells,
        logs=[],
    )


def finish(night: NightRecord, stopped: str, ended: PytestEnd, *, at: datetime | None = None) -> NightRecord:
    """Return a night as it is at its end, now or `at`: what was not played has an error that says why."""
    for cell in night["cells"]:
        if cell["status"] == "not run" and not cell["error"]:
            if stopped:
                cell["error"] = stopped
            else:
                cell["error"] = ended.message or f"pytest ended with {ended.code} before it was played"
                cell["cause"] = "setup" if ended.code in {2, 4, 5} else "infrastructure"
    end = at or datetime.now(UTC)
    night["finished_at"] = rfc3339(end)
    night["duration_s"] = round((end - datetime.fromisoformat(night["started_at"])).total_seconds(), 3)
    night["error"] = stopped
    night["status"] = worst_status(night["cells"])
    return night


async def _release_leases(store: Store, settings: NightSettings) -> None:
    """Give back whatever a session of ours did not: one that was killed."""
    mine = holder(settings)
    with suppress(InfrastructureError):  # what can't be asked for runs out by itself
        for lease in await store.leases.list_held():
            if lease.holder == mine or lease.holder.startswith(f"{mine} "):
                await store.leases.release(lease.pool, lease.device)


def _revision_and_branch(root: Path) -> tuple[str, str]:
    """Return the commit and the branch, as the CI or git has them; empty where neither says."""
    known = os.environ
    return (
        known.get("GITHUB_SHA") or known.get("CI_COMMIT_SHA") or _git(root, "rev-parse", "HEAD"),
        known.get("GITHUB_REF_NAME")
        or known.get("CI_COMMIT_REF_NAME")
        or _git(root, "symbolic-ref", "--short", "--quiet", "HEAD"),
    )


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - words of ours
            ["git", "-C", str(root), *words],  # noqa: S607 - whichever git there is
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
