"""A run under load: a reference with next to nobody there, then step by step more people, until it breaks."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from journeys.errors import InfrastructureError
from journeys.load.bottleneck import name_bottleneck
from journeys.load.crowd import Crowd, open_crowd
from journeys.load.processes import Processes, cores_between
from journeys.load.results import SCHEMA, LoadResult, Range, StepResult, divide, result_of_step
from journeys.load.soak import EVERY_S, SoakFigure, figure_of, follow
from journeys.load.watchers import Watchers
from journeys.load.workload import Workload
from journeys.report import describe_machine, rfc3339

REFERENCE_PEOPLE = 1
"""Who is there while it is measured what load is compared with."""

REFERENCE_S = 60.0
"""It is measured no longer than this, however long a soak is."""

FEWEST_SAMPLES = 20
"""A soak shorter than so many minutes is looked at more often than by the minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What a run is to do. Without `watch`, or with 0 `watchers`, nobody looks on."""

    scenario: str
    workload: Workload
    url: str
    app_url: str | None
    people: int
    steps: int
    seconds: float
    joining_per_second: float
    watch: str | None
    watchers: int | None
    soak: bool = False
    output: Path
    root: Path
    seed: int = 0


def sizes_of(people: int, steps: int) -> list[int]:
    """Return how many people there are in each step: evenly more, and all of them in the last."""
    return sorted({max(1, round(people * number / steps)) for number in range(1, steps + 1)})


def seconds_of_step(number: int, seconds: float) -> float:
    """Return for how long a step is held, of which number 0 is the reference."""
    return seconds if number else min(seconds, REFERENCE_S)


async def run_load(options: LoadOptions, say: Callable[[str], None]) -> LoadResult:
    """Run the reference and the steps; the first step that is not held is the last."""
    started_at, steps = datetime.now(UTC), list[StepResult]()
    every_s = min(EVERY_S, options.seconds / FEWEST_SAMPLES)
    followed: dict[str, list[float]] = {}
    processes = Processes(backend_url=options.url, app_url=options.app_url)
    async with open_crowd(options.workload, options.url, seed=options.seed) as crowd:
        sizes = sizes_of(options.people, options.steps)
        steps.append(await _play_step(crowd, options, processes, REFERENCE_PEOPLE, number=0))
        say(format_step(steps[0]))
        for people in sizes:
            await crowd.grow(people, per_second=options.joining_per_second)
            async with _following(crowd, options, processes, every_s, followed):
                step = await _play_step(crowd, options, processes, people, number=len(steps))
            steps.append(step)
            say(format_step(step))
            if step.verdict != "passed":
                break
    soak = [figure_of(name, values, every_s=every_s) for name, values in followed.items()]
    return put_together(options, steps, soak=soak, started_at=started_at)


@asynccontextmanager
async def _following(
    crowd: Crowd,
    options: LoadOptions,
    processes: Processes,
    every_s: float,
    into: dict[str, list[float]],
) -> AsyncIterator[None]:
    """In a soak, follow what the backend holds while the block lasts."""

    async def read() -> dict[str, float]:
        figures = {"event streams that are open": float(crowd.open_streams)}
        for role, held in (await asyncio.to_thread(processes.resources)).items():
            figures[f"{role}: memory, MB"] = held.memory_mb
            figures[f"{role}: connections"] = held.connections
            figures[f"{role}: open files"] = held.files
        gauges = options.workload.gauges
        return figures if gauges is None else {**figures, **(await gauges(options.url))}

    if not options.soak:
        yield
        return
    following = asyncio.create_task(follow(read, every_s=every_s, into=into))
    try:
        yield
    finally:
        following.cancel()
        ended = await asyncio.gather(following, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise InfrastructureError(f"the soak's figures could not be read: {ended[0]}") from ended[0]


async def _play_step(
    crowd: Crowd, options: LoadOptions, processes: Processes, people: int, *, number: int
) -> StepResult:
    await crowd.grow(people, per_second=options.joining_per_second)
    held_s = seconds_of_step(number, options.seconds)
    watchers = _watchers(options, number, held_s)
    seen = None
    try:
        if watchers is not None:
            await watchers.start()
        crowd.start_record()
        began, before = time.monotonic(), processes.snapshot()
        await crowd.hold(held_s)
        streams = crowd.open_streams
        after = processes.snapshot(None if watchers is None else watchers.pid)
        seconds, record = time.monotonic() - began, crowd.finish_record()
        if watchers is not None:
            seen = await watchers.finish()
    finally:
        if watchers is not None:
            await watchers.stop()
    cores = cores_between(before, after)
    found = name_bottleneck(record, cores, machine_cores=os.cpu_count() or 1)
    return result_of_step(
        record,
        people=people,
        streams=streams,
        seconds=seconds,
        seen=seen,
        cores=cores,
        bottleneck=(found.name, found.reason),
    )


def _watchers(options: LoadOptions, number: int, seconds: float) -> Watchers | None:
    if options.watch is None or options.app_url is None or options.watchers == 0:
        return None
    return Watchers(
        options.watch,
        app_url=options.app_url,
        backend_url=options.url,
        observers=options.watchers,
        seconds=seconds,
        folder=options.output / f"seen-{number}",
        root=options.root,
    )


def put_together(
    options: LoadOptions, steps: Sequence[StepResult], *, soak: list[SoakFigure], started_at: datetime
) -> LoadResult:
    """Return the result of all steps: the most people that were held, and how much slower it got for them."""
    reference, *loaded = steps
    held = [step for step in loaded if step.verdict == "passed"]
    compared = held[-1] if held else loaded[-1]
    ratio, ratio_of = _ratio(compared, reference)
    # What stops it is seen where it stops.
    last = loaded[-1]
    # Where it was stepped up, breaking at last is what was looked for.
    verdict = "passed" if held and options.steps > 1 else last.verdict
    return LoadResult(
        schema=SCHEMA,
        started_at=rfc3339(started_at),
        url=options.url,
        scenario=options.scenario,
        machine=describe_machine(),
        steps=[*steps],
        people_held=held[-1].people if held else None,
        ratio=ratio,
        ratio_of=ratio_of,
        bottleneck=last.bottleneck,
        bottleneck_reason=last.bottleneck_reason,
        verdict=verdict,
        soak=soak,
    )


def _ratio(loaded: StepResult, reference: StepResult) -> tuple[Range | None, str]:
    for name, of_loaded, of_reference in (
        ("p95 of what is seen", loaded.seen, reference.seen),
        ("p50 of requests", loaded.all_requests, reference.all_requests),
    ):
        percent = name[:3]
        if percent in of_loaded and percent in of_reference:
            ratio = divide(of_loaded[percent], of_reference[percent])
            if ratio is not None:
                return ratio, name
    return None, ""


def format_step(step: StepResult) -> str:
    """Return one step in a line."""
    seen = f", seen p95 {step.seen['p95']}" if "p95" in step.seen else ""
    requests = f", requests p95 {step.all_requests['p95']}" if "p95" in step.all_requests else ""
    return (
        f"{step.people} people, {step.streams} streams: {step.verdict} ({step.reason}); "
        f"{step.rate:g} requests/s{requests}{seen}; bottleneck {step.bottleneck}: {step.bottleneck_reason}"
    )
