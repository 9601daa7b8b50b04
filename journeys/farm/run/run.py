"""Plays a night from its plan to its record."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from journeys.errors import InfrastructureError, UsageError
from journeys.farm.night_record import SCHEMA, CellRecord, NightRecord
from journeys.farm.run.gathering import gathered
from journeys.farm.run.night_file import NAME, write_night_file
from journeys.farm.run.outcome import overall
from journeys.farm.run.plan import Plan
from journeys.farm.run.playing import Played, holder, play
from journeys.farm.run.settings import Settings
from journeys.farm.run.stopping import Stop
from journeys.farm.store import Store
from journeys.output import OutputFolder, list_night_files
from journeys.redaction import Redaction
from journeys.report.record import rfc3339
from journeys.timeline import Cause


async def run_night(
    plan: Plan, store: Store, *, stop: Stop, redaction: Redaction, say: Callable[[str], None]
) -> NightRecord:
    """Play a shard of a night and return its record, which lies in night.json by then.

    What the infrastructure spoiled is tried again, as often as the settings allow. Where `stop` is set, what
    has been played is kept, the rest is `not run`, and no lease of the night's stays.
    """
    settings = plan.settings
    output = _clear(settings.output)
    night = _blank(plan)
    write_night_file(settings.output, night)
    waiting = [cell.key for cell in plan.to_play]
    left = settings.sessions
    ended = Played(code=0, said="")
    try:
        async with _limited(settings, stop):
            for number in range(1, settings.retries + 2):
                if not waiting or stop:
                    break
                if number > 1:
                    say(f"try {number}: {len(waiting)} of the infrastructure's failures again")
                output.claim(*(f"attempt-{number}{suffix}" for suffix in ("", ".log", ".cells.json")))
                ended = await play(
                    settings,
                    number,
                    waiting,
                    stop=stop,
                    say=lambda line: say(redaction.text(line)),
                )
                night = gathered(night, settings.output)
                left = None if left is None else left - _begun(night, number)
                waiting = _again(night, waiting, number, ended)[:left]
    finally:
        await _release(store, settings)
        for name in output.names():
            redaction.folder(settings.output / name)
        night = finished(gathered(night, settings.output), stop.reason, ended)
        write_night_file(settings.output, night)
    return night


def _again(
    night: NightRecord, played: list[tuple[str, str]], number: int, ended: Played
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


def _begun(night: NightRecord, number: int) -> int:
    return sum(one["number"] == number for cell in night["cells"] for one in cell["attempts"])


def night_folder(folder: Path) -> OutputFolder:
    """Return a folder for a night's results; raises `UsageError` where it can't be one."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"--output {folder}: {there} can't be written to: name another")
    output = OutputFolder(folder, earlier=list_night_files)
    if not output.is_ours():
        raise UsageError(f"--output {folder}: this folder holds other files and no night: name another")
    return output


def _clear(folder: Path) -> OutputFolder:
    """Make the folder for results, and remove the night that lies there."""
    output = night_folder(folder)
    output.clear()
    output.claim(NAME)
    output.claim_free("report")
    return output


def _blank(plan: Plan) -> NightRecord:
    """Return the record of a night of which nothing has been played."""
    settings, now = plan.settings, datetime.now(UTC)
    revision, branch = _revision(settings.configuration.root)
    allowed = {cell.key for cell in plan.to_play}
    cells = []
    for cell in plan.cells:
        error, cause = plan.usable.errors.get(cell.casting, ("", ""))
        if not error and cell.key not in allowed:
            error = f"{settings.max_sessions} sessions are as many as were allowed"
        cells.append(
            CellRecord(
                journey=cell.journey.id,
                name=cell.journey.name,
                priority=cell.journey.priority,
                casting=cell.casting,
                status="not run",
                cause=cause,
                error=error,
                expected_s=round(cell.expected_s, 3),
                shard=cell.shard,
                quarantine=plan.quarantine.of(*cell.key),
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
        expired=plan.quarantine.expired,
        unmatched=plan.quarantine.unmatched,
        targets=plan.usable.records,
        cells=cells,
        logs=[],
    )


def finished(night: NightRecord, stopped: str, ended: Played, *, at: datetime | None = None) -> NightRecord:
    """Return a night as it is at its end, which is now unless `at` is given: what was not played says why."""
    for cell in night["cells"]:
        if cell["status"] == "not run" and not cell["error"]:
            if stopped:
                cell["error"] = stopped
            else:
                cell["error"] = ended.said or f"pytest ended with {ended.code} before it was played"
                cell["cause"] = "setup" if ended.code in {2, 4, 5} else "infrastructure"
    end = at or datetime.now(UTC)
    night["finished_at"] = rfc3339(end)
    night["duration_s"] = round((end - datetime.fromisoformat(night["started_at"])).total_seconds(), 3)
    night["error"] = stopped
    night["status"] = overall(night["cells"])
    return night


@asynccontextmanager
async def _limited(settings: Settings, stop: Stop) -> AsyncIterator[None]:
    """Stop the night when its time is over."""
    minutes = settings.max_minutes
    if minutes is None:
        yield
        return
    loop = asyncio.get_running_loop()
    timer = loop.call_later(minutes * 60, stop.because, f"the {minutes:g} minutes allowed were over")
    try:
        yield
    finally:
        timer.cancel()


async def _release(store: Store, settings: Settings) -> None:
    """Give back whatever a session of ours did not: one that was killed."""
    mine = holder(settings)
    with suppress(InfrastructureError):  # what can't be asked for runs out by itself
        for lease in await store.leases.held():
            if lease.holder == mine or lease.holder.startswith(f"{mine} "):
                await store.leases.release(lease.pool, lease.device)


def _revision(root: Path) -> tuple[str, str]:
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
