"""Whether measured intervals are true, and how wide: against the browser's word of what it presented when.

The backend holds its events back by a known delay, so the app learns of a new picture that much later. Every
trial changes one person's picture over HTTP and measures when it shows in another's feed, on the real web
build. The truth comes from another place than the frames: see `_presented.js`. The polling approach does the
same with a screenshot and a perceptual hash in a loop, in trials of its own.

`bench-results/propagation.json`: `inside_interval` (share of trials whose true moment and true latency lie in
the measured intervals), `width_ms_p50_idle`, `width_ms_p95_idle`, `width_ms_p50_loaded`,
`width_ms_p95_loaded` (of commit -> visible), `wrong_verdicts` (passed where the truth is over the budget for
certain, failed where it is within), `trials`; `inconclusive`, `errors`, `truth_ms_p95` (how exactly the truth
is known), `extra_ms` (by condition: true latency less the delay, p50 and p95),
`polling` (by condition: `error_ms_p50`, `error_ms_p95`, `wrong_verdicts`, `never_seen`, `trials`),
`cpu_percent` (of one core, by condition `at_rest` and `watched`: `runner`, `driver`, `browser`), `samples`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import httpx
import imagehash
import numpy as np
from playwright.async_api import BrowserContext, Page, async_playwright

from benches._cpu import CpuMeter
from benches._load import busy_cores
from benches._presented import Presentations, prepare
from benches._results import print_table, write_results
from flutter_bridge import Interval, now
from flutter_bridge.web import launch_options
from journeys.cast import CastOptions
from journeys.configuration import Configuration, read_configuration
from journeys.pictures import Picture, PictureBook
from journeys.profile import HttpBackend, Member, Person, ProfileCast
from journeys.propagation import Propagation, PropagationError, latency
from journeys.run.servers import Servers
from journeys.stage import WebStage
from journeys.surface import Surface
from journeys.timeline import Committed, SurfaceChanged, SurfaceState, Timeline, Verdict, VerdictReached

ROOT = Path(__file__).resolve().parent.parent
BUDGET = 1.0
DELAYS_MS = (0, 100, 300, 600, 900, 1100, 1500)
PICTURES = 24
WATCHED_S = 5.0


@dataclass(frozen=True)
class PostAuthor:
    """Whose picture changes: nobody's app shows them."""

    person: Person


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One change: what was measured of it, and the truth; seconds."""

    delay: float
    verdict: Verdict
    reason: str
    measured: Interval | None
    visible: Interval | None
    truth: Interval | None
    presented: Interval | None

    @property
    def inside(self) -> bool | None:
        """Whether the true moment and latency may lie in the measured intervals; None without them."""
        if self.measured is None or self.truth is None or self.visible is None or self.presented is None:
            return None
        late_enough = self.measured.high >= self.delay
        return _touch(self.visible, self.presented) and _touch(self.measured, self.truth) and late_enough

    @property
    def wrong(self) -> bool:
        """Whether the verdict is wrong for certain."""
        if self.truth is None:
            return self.verdict is Verdict.PASSED
        if self.verdict is Verdict.PASSED:
            return self.truth.low > BUDGET
        return self.verdict is Verdict.FAILED and self.truth.high <= BUDGET


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One change by the polling approach: what it took for the latency, and the truth; seconds."""

    said: float | None
    truth: Interval | None

    @property
    def error(self) -> float | None:
        """How far off it was, at least."""
        if self.said is None or self.truth is None:
            return None
        return max(0.0, self.truth.low - self.said, self.said - self.truth.high)

    @property
    def wrong(self) -> bool:
        """Whether a verdict by it is wrong for certain."""
        if self.truth is None:
            return False
        passed = self.said is not None and self.said <= BUDGET
        return self.truth.low > BUDGET if passed else self.truth.high <= BUDGET


class Bench:
    """One observer in front of one feed, and somebody whose picture changes again and again."""

    def __init__(
        self,
        *,
        cast: ProfileCast,
        backend: HttpBackend,
        http: httpx.AsyncClient,
        bob: Member,
        page: Page,
        alice: Person,
    ) -> None:
        self._cast = cast
        self._backend = backend
        self._http = http
        self._bob = bob
        self._page = page
        self._alice = alice
        self._pictures = cycle(PictureBook(seed=2026).take(PICTURES))
        self.surface: Surface = bob.feed.post_by(PostAuthor(alice))

    async def prepare(self) -> None:
        """Bring what is watched on screen."""
        await self._set_picture()
        await self._backend.write_post(self._alice, "Look at me")
        await self.surface.show()
        node = await self._bob.app.find(self.surface.finder)
        self._presented = Presentations(self._page, node.box)

    async def trial(self, delay: float) -> Trial:
        """Measure one change."""
        await self._delay(delay)
        await self._presented.begin()
        timeline, picture = Timeline(), next(self._pictures)
        try:
            async with self._watch(timeline) as change:
                change.expect(picture, on=self.surface)
                await change.arm()
                change.record_action(await self._set_picture(picture))
        except PropagationError as error:
            verdicts = error.verdicts
        else:
            verdicts = tuple(timeline.events_of(VerdictReached))
        presented = await self._presented.first_lasting(picture, self._cast.recogniser)
        # Else what comes after it in the same place is measured with it.
        await self._delay(0.0)
        (reached,) = verdicts
        commits = timeline.events_of(Committed)
        seen = [
            change.shown for change in timeline.events_of(SurfaceChanged) if change.state is SurfaceState.NEW
        ]
        return Trial(
            delay=delay,
            verdict=reached.verdict,
            reason=reached.reason,
            measured=reached.commit_to_visible_s,
            visible=seen[-1] if seen else None,
            truth=latency(presented, since=commits[-1].committed) if presented and commits else None,
            presented=presented,
        )

    async def poll(self, delay: float) -> Polled:
        """Look for one change by screenshots, one after the other, and take the first that shows it."""
        await self._delay(delay)
        await self._presented.begin()
        old, picture = self._alice.picture, next(self._pictures)
        hashes = imagehash.phash(old.image), imagehash.phash(picture.image)
        async with self._backend.listen(self._alice.id) as commits:
            received = await self._set_picture(picture)
            said: float | None = None
            while said is None and now() - received.high < 2 * BUDGET + 1:
                crop = await self.surface.crop()
                seen = imagehash.phash(crop)
                if seen - hashes[1] < seen - hashes[0]:
                    said = now() - received.high
            commit = (await anext(commits)).committed
        await self._delay(0.0)
        presented = await self._presented.first_lasting(picture, self._cast.recogniser)
        return Polled(said=said, truth=None if presented is None else latency(presented, since=commit))

    async def cost(self) -> dict[str, dict[str, float]]:
        """Return what it costs to watch, in percent of a core, by whose process it is."""
        meter, picture = CpuMeter(), next(self._pictures)
        await self._delay(0.0)
        at_rest = await meter.over(WATCHED_S)
        async with self._watch(Timeline()) as change:
            change.expect(picture, on=self.surface)
            await change.arm()
            watched = await meter.over(WATCHED_S)
            change.record_action(await self._set_picture(picture))
        return {"at_rest": at_rest, "watched": watched}

    def _watch(self, timeline: Timeline) -> Propagation:
        return Propagation(
            within=BUDGET,
            commits=self._backend,
            timeline=timeline,
            recogniser=self._cast.recogniser,
            evidence=self._cast.evidence,
        )

    async def _set_picture(self, picture: Picture | None = None) -> Interval:
        before = now()
        await self._backend.set_picture(self._alice, picture or next(self._pictures))
        return Interval(before, now())

    async def _delay(self, seconds: float) -> None:
        if seconds:
            answer = await self._http.put("/faults/events_delayed", json={"delay_ms": seconds * 1000})
        else:
            answer = await self._http.delete("/faults/events_delayed")
        answer.raise_for_status()


async def bench(*, trials: int, polled: int) -> None:
    """Run all trials, idle and with every core busy, and write what came of them."""
    configuration = _with_faults(read_configuration(ROOT))
    results: dict[str, list[Trial]] = {}
    polls: dict[str, list[Polled]] = {}
    async with _open(configuration) as bench:
        cost = await bench.cost()
        for condition, load in (("idle", nullcontext), ("loaded", busy_cores)):
            with load():
                results[condition] = [
                    await _measure(condition, bench, delay / 1000)
                    for _ in range(trials)
                    for delay in DELAYS_MS
                ]
                polls[condition] = [
                    await bench.poll(delay / 1000) for _ in range(polled) for delay in DELAYS_MS
                ]
    _report(results, polls, cost)


async def _measure(condition: str, bench: Bench, delay: float) -> Trial:
    trial = await bench.trial(delay)
    if trial.wrong or trial.inside is False or trial.verdict is Verdict.ERROR:
        print(f"  {condition} {delay * 1000:.0f} ms: {trial}")
    return trial


def _with_faults(configuration: Configuration) -> Configuration:
    """Let the backend's events be delayed."""
    servers = tuple(
        replace(server, env={**server.env, "APP_BACKEND_FAULTS": "1"})
        if server.name == configuration.backend
        else server
        for server in configuration.servers
    )
    return replace(configuration, servers=servers)


@asynccontextmanager
async def _open(configuration: Configuration) -> AsyncIterator[Bench]:
    with Servers(configuration) as servers, tempfile.TemporaryDirectory() as folder:
        backend_url = servers.addresses[configuration.backend]
        async with (
            async_playwright() as playwright,
            HttpBackend(backend_url) as backend,
            httpx.AsyncClient(base_url=backend_url, trust_env=False) as http,
        ):
            options = launch_options(bundled=playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
            contexts: list[BrowserContext] = []

            async def new_context(**given: object) -> BrowserContext:
                context = await browser.new_context(viewport={"width": 412, "height": 915}, **given)  # type: ignore[arg-type]  # by name
                await prepare(context)
                contexts.append(context)
                return context

            stage = WebStage(
                new_context=new_context, url=servers.addresses[configuration.app], evidence=Path(folder)
            )
            async with ProfileCast(
                CastOptions(stage_for=lambda _: stage, timeline=Timeline(), evidence=Path(folder)),
                backend=backend,
            ) as cast:
                bob, alice = await cast.member("bob"), await backend.create_person("Alice")
                opened = Bench(
                    cast=cast, backend=backend, http=http, bob=bob, page=contexts[0].pages[0], alice=alice
                )
                await opened.prepare()
                yield opened
            await browser.close()


def _report(
    results: dict[str, list[Trial]], polls: dict[str, list[Polled]], cost: dict[str, dict[str, float]]
) -> None:
    everything = [trial for trials in results.values() for trial in trials]
    judged = [trial.inside for trial in everything if trial.inside is not None]
    widths = {
        condition: [trial.measured.width * 1000 for trial in trials if trial.measured is not None]
        for condition, trials in results.items()
    }
    print_table(
        ["", *(f"{delay} ms" for delay in DELAYS_MS)],
        [
            [f"{condition}, {name}", *(_cell(pick, trials, delay) for delay in DELAYS_MS)]
            for condition, trials in results.items()
            for name, pick in _ROWS
        ],
    )
    figures = {
        "inside_interval": sum(judged) / max(1, len(judged)),
        **{
            f"width_ms_p{part}_{condition}": _quantile(values, part)
            for condition, values in widths.items()
            for part in (50, 95)
        },
        "wrong_verdicts": sum(trial.wrong for trial in everything),
        "trials": len(everything),
        "inconclusive": sum(trial.verdict is Verdict.INCONCLUSIVE for trial in everything),
        "errors": sum(trial.verdict is Verdict.ERROR for trial in everything),
        "truth_ms_p95": _quantile(
            (trial.presented.width * 1000 for trial in everything if trial.presented is not None), 95
        ),
        "extra_ms": {
            condition: {f"p{part}": _quantile(_extra(trials), part) for part in (50, 95)}
            for condition, trials in results.items()
        },
        "polling": {condition: _of_polling(polled) for condition, polled in polls.items() if polled},
        "cpu_percent": cost,
        "delays_ms": list(DELAYS_MS),
        "samples": [
            {
                "condition": condition,
                "delay_ms": round(trial.delay * 1000),
                "verdict": trial.verdict.value,
                "measured_ms": _milliseconds(trial.measured),
                "truth_ms": _milliseconds(trial.truth),
                "inside": trial.inside,
            }
            for condition, trials in results.items()
            for trial in trials
        ],
    }
    for name in (
        "inside_interval",
        "width_ms_p50_idle",
        "width_ms_p95_idle",
        "width_ms_p50_loaded",
        "width_ms_p95_loaded",
        "wrong_verdicts",
        "inconclusive",
        "errors",
        "trials",
        "truth_ms_p95",
        "extra_ms",
        "polling",
        "cpu_percent",
    ):
        print(f"{name}: {figures[name]}")
    write_results("propagation", figures)


def _verdicts(trials: Sequence[Trial]) -> str:
    counted = {verdict: sum(trial.verdict is verdict for trial in trials) for verdict in Verdict}
    return " ".join(f"{count} {verdict.value}" for verdict, count in counted.items() if count)


def _describe(trials: Sequence[Trial]) -> str:
    lows = [trial.measured.low * 1000 for trial in trials if trial.measured is not None]
    highs = [trial.measured.high * 1000 for trial in trials if trial.measured is not None]
    return f"{_quantile(lows, 50):.0f}–{_quantile(highs, 50):.0f}"


def _true(trials: Sequence[Trial]) -> str:
    return f"{_quantile((trial.truth.high * 1000 for trial in trials if trial.truth is not None), 50):.0f}"


_ROWS = (("verdicts", _verdicts), ("measured, ms (medians)", _describe), ("truth, ms (median)", _true))


def _cell(pick: Callable[[Sequence[Trial]], str], trials: Sequence[Trial], delay: int) -> str:
    return pick([trial for trial in trials if round(trial.delay * 1000) == delay])


def _extra(trials: Iterable[Trial]) -> list[float]:
    return [(trial.truth.high - trial.delay) * 1000 for trial in trials if trial.truth is not None]


def _of_polling(polled: Sequence[Polled]) -> dict[str, float | int]:
    errors = [poll.error * 1000 for poll in polled if poll.error is not None]
    return {
        "error_ms_p50": _quantile(errors, 50),
        "error_ms_p95": _quantile(errors, 95),
        "wrong_verdicts": sum(poll.wrong for poll in polled),
        "never_seen": sum(poll.said is None for poll in polled),
        "trials": len(polled),
    }


def _quantile(values: Iterable[float], part: int) -> float:
    known = list(values)
    return round(float(np.percentile(known, part)), 1) if known else float("nan")


def _milliseconds(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low * 1000, 1), round(interval.high * 1000, 1)]


def _touch(one: Interval, other: Interval) -> bool:
    return one.low <= other.high and other.low <= one.high


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=30, help="trials of each delay (default: 30)")
    parser.add_argument("--polled", type=int, default=10, help="trials by polling of each (default: 10)")
    given = parser.parse_args()
    asyncio.run(bench(trials=given.trials, polled=given.polled))
