"""Whether every kind of expectation is measured truly, in a browser that says what it presented when.

A page draws things, with semantics over them as Flutter's engine writes them, and changes both after a random
delay. Each kind is expected in trials of its own. The truth is the page's own clock: from the call that sets
the change off to the presentation of the frame that has it, by element timing. Neither the frames of the
stream nor their stamps take part. In some trials the page lies: it changes its semantics alone, or its
pixels.

`bench-results/expectations.json`: `inside_interval` (share of the true latencies that lie in the measured
interval, to a millisecond), `wrong_verdicts` (passed where the truth is late, or a lie; failed where it is in
time), `trials`, `inconclusive`, `errors`, and `kinds`: by kind `inside_interval`, `wrong_verdicts`,
`width_ms_p50`, `width_ms_p95`, `trials`; `samples`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.async_api import BrowserContext, Page, async_playwright

import journeys
from benches._results import print_table, write_results
from flutter_bridge import Interval, by, now
from flutter_bridge.web import launch_options
from journeys.pictures import Picture, PictureBook
from journeys.propagation import PropagationError
from journeys.stage import WebStage
from journeys.timeline import VerdictReached

PAGE: Final = Path(__file__).with_name("_expectations_page.html")
BUDGET: Final = 1.0
LONGEST_DELAY_MS: Final = 1500.0
EXACT_S: Final = 0.001
"""How exactly the truth is known: the page's clocks are coarse."""
_PRESENTED_S: Final = 2.0

Things = list[dict[str, Any]]


def thing(
    text: str = "",
    colour: str = "#d8d8e0",
    *,
    at: int = 0,
    left: int = 20,
    states: Mapping[str, str] | None = None,
    value: str = "",
    picture: Picture | None = None,
) -> dict[str, Any]:
    """Return one thing of the page; the n-th has its place below the others."""
    place = {"left": left, "top": 60 + 44 * at, "width": 160, "height": 32}
    if picture is not None:
        place |= {"width": 120, "height": 120}
    looks = {"text": text, "colour": colour, "picture": picture.name if picture else ""}
    return looks | {"states": dict(states or {}), "value": value} | place


@dataclass(frozen=True)
class Kind:
    """A kind of expectation, with what is there before its change and after it.

    One that goes by `pixels_alone` can't be lied to by them.
    """

    name: str
    wanted: object
    before: Things
    after: Things
    pixels_alone: bool = False


def _state(name: str, wanted: object, role: str, *states: str) -> Kind:
    before, after = (
        thing(colour=colour, states={"role": role, f"aria-{name}": state})
        for colour, state in zip(("#d8d8e0", "#3060c0"), states, strict=True)
    )
    return Kind(name if name != "disabled" else "enabled", wanted, [before], [after])


_OLD, _NEW = PictureBook(seed=7).take(2)
_ROWS: Final = [thing(f"Row {number}", at=number) for number in range(4)]
KINDS: Final = (
    Kind("text", "Hello Bob", [thing("Hi")], [thing("Hello Bob")]),
    Kind("pattern", re.compile(r"^\d unread$"), [thing("none")], [thing("3 unread")]),
    Kind("contains", journeys.contains("lo Bo"), [thing("Hello Ann")], [thing("Hello Bob")]),
    Kind("exactly", journeys.exactly("Hello"), [thing("Hello Bob")], [thing("Hello")]),
    Kind("text elsewhere", "Hello Bob", [thing("Hi")], [thing("Hello Bob", at=2, left=60)]),
    _state("checked", journeys.checked(), "checkbox", "false", "true"),
    _state("selected", journeys.selected(), "tab", "false", "true"),
    _state("disabled", journeys.enabled(False), "button", "false", "true"),
    _state("expanded", journeys.expanded(), "button", "false", "true"),
    Kind("value", journeys.value("7"), [thing(value="6")], [thing(colour="#3060c0", value="7")]),
    Kind(
        "picture, the old one unknown",
        _NEW,
        [thing(picture=_OLD, states={"role": "img"})],
        [thing(picture=_NEW, states={"role": "img"})],
        pixels_alone=True,
    ),
    Kind("appears", journeys.appears(), [], [thing(colour="#c03030")]),
    Kind("disappears", journeys.disappears(), [thing(colour="#c03030")], []),
    Kind("count", journeys.count(4), _ROWS[:3], _ROWS),
    Kind("changes", journeys.changes(), [thing()], [thing(colour="#30a050")], pixels_alone=True),
    Kind("stays", journeys.stays(), [thing()], [thing(colour="#30a050")], pixels_alone=True),
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One change: what was measured of it, and the truth; seconds. `lie` is what it was, if it was one."""

    kind: str
    verdict: journeys.Verdict
    reason: str
    measured: Interval | None
    truth: float | None
    lie: str = ""

    @property
    def inside(self) -> bool | None:
        """Whether the truth lies in the measured interval; None without either."""
        if self.measured is None or self.truth is None or self.lie:
            return None
        return self.measured.low - EXACT_S <= self.truth <= self.measured.high + EXACT_S

    @property
    def wrong(self) -> bool:
        """Whether the verdict is wrong for certain."""
        if self.kind == "stays":
            has_changed = self.truth is not None and self.truth <= BUDGET - EXACT_S
            has_stayed = self.truth is None or self.truth > BUDGET + EXACT_S
            return (self.verdict is journeys.Verdict.PASSED and has_changed) or (
                self.verdict is journeys.Verdict.FAILED and has_stayed
            )
        if self.lie or self.truth is None:
            return self.verdict is journeys.Verdict.PASSED
        if self.verdict is journeys.Verdict.PASSED:
            return self.truth > BUDGET + EXACT_S
        return self.verdict is journeys.Verdict.FAILED and self.truth <= BUDGET - EXACT_S


class Bench:
    """One page before one observer."""

    def __init__(self, bob: journeys.Actor, cast: journeys.Cast, page: Page) -> None:
        self._cast = cast
        self._page = page
        self._surface = bob.surface("thing", by.identifier("thing"))
        self._chance = random.Random(2026)  # noqa: S311 - delays, no secrets

    async def trial(self, kind: Kind, *, lie: str = "") -> Trial:
        """Measure one change; a lie is `drawn` by the pixels alone, or `said` by the semantics alone."""
        await self._page.evaluate("things => bench.show(things)", kind.before)
        delay = self._chance.uniform(0, LONGEST_DELAY_MS if not lie else BUDGET * 500)
        changed = [None if lie == "said" else kind.after, None if lie == "drawn" else kind.after]
        timeline, mark = journeys.Timeline(), ("", 0.0)
        watching = journeys.Propagation(
            within=BUDGET,
            commits=None,
            since=journeys.tap,
            timeline=timeline,
            recogniser=self._cast.recogniser,
            evidence=self._cast.evidence,
        )
        try:
            async with watching as change:
                change.expect(kind.wanted, on=self._surface)
                await change.arm()
                asked = now()
                mark = await self._page.evaluate("given => bench.inject(...given)", [delay, *changed])
                change.record_action(Interval(asked, now()))
        except PropagationError as error:
            (reached,) = error.verdicts
        else:
            (reached,) = timeline.events_of(VerdictReached)
        presented = await self._presented(mark[0])
        return Trial(
            kind=kind.name,
            verdict=reached.verdict,
            reason=reached.reason,
            measured=reached.since_to_visible_s,
            truth=None if presented is None or lie == "said" else presented - mark[1] / 1000,
            lie=lie,
        )

    async def _presented(self, mark: str) -> float | None:
        """Return when the browser presented the frame with a mark, on the page's clock."""
        until = now() + _PRESENTED_S
        while now() < until:
            moment = await self._page.evaluate("id => bench.presented(id)", mark)
            if moment is not None:
                return float(moment) / 1000
            await asyncio.sleep(0.02)
        return None


@asynccontextmanager
async def _open() -> AsyncIterator[Bench]:
    html = PAGE.read_bytes()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close"
        writer.write(f"{head}\r\nContent-Length: {len(html)}\r\n\r\n".encode() + html)
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(answer, "127.0.0.1", 0) as server,
        async_playwright() as playwright,
    ):
        options = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
        contexts: list[BrowserContext] = []

        async def new_context(**given: object) -> BrowserContext:
            contexts.append(
                await browser.new_context(viewport={"width": 412, "height": 915}, **given)  # type: ignore[arg-type]  # by name
            )
            return contexts[-1]

        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with tempfile.TemporaryDirectory() as folder:
            stage = WebStage(new_context=new_context, url=url, evidence=Path(folder))
            given = journeys.CastOptions(
                stage_for=lambda _: stage, timeline=journeys.Timeline(), evidence=Path(folder)
            )
            async with journeys.Cast(given) as cast:
                bob, page = await cast.actor("bob"), contexts[0].pages[0]
                for picture in (_OLD, _NEW):
                    encoded = base64.b64encode(picture.encoded).decode()
                    source = f"data:{picture.media_type};base64,{encoded}"
                    await page.evaluate("given => bench.load(...given)", [picture.name, source])
                yield Bench(bob, cast, page)
        await browser.close()


async def bench(*, trials: int, lies: int) -> None:
    """Run all trials and write what came of them."""
    results: list[Trial] = []
    async with _open() as opened:
        for number in range(max(trials, lies)):
            for kind in KINDS:
                told = ["drawn", "said"] if number < lies and not kind.pixels_alone else []
                for lie in ([""] if number < trials else []) + told:
                    trial = await opened.trial(kind, lie=lie)
                    results.append(trial)
                    if trial.wrong or trial.inside is False or trial.verdict is journeys.Verdict.ERROR:
                        print(f"  {trial}")
    _report(results)


def _report(results: Sequence[Trial]) -> None:
    by_kind = {kind.name: [each for each in results if each.kind == kind.name] for kind in KINDS}
    kinds = {name: _figures(trials) for name, trials in by_kind.items()}
    everything = _figures(results)
    print_table(
        ["", *(next(iter(kinds.values())))],
        [[name, *map(str, figures.values())] for name, figures in kinds.items()],
    )
    for name, figure in everything.items():
        print(f"{name}: {figure}")
    write_results(
        "expectations",
        {
            **everything,
            "kinds": kinds,
            "samples": [
                {
                    "kind": trial.kind,
                    "lie": trial.lie,
                    "verdict": trial.verdict.value,
                    "measured_ms": None
                    if trial.measured is None
                    else [round(bound * 1000, 1) for bound in (trial.measured.low, trial.measured.high)],
                    "truth_ms": None if trial.truth is None else round(trial.truth * 1000, 1),
                    "reason": trial.reason,
                }
                for trial in results
            ],
        },
    )


def _figures(trials: Sequence[Trial]) -> dict[str, float | int | None]:
    judged = [trial.inside for trial in trials if trial.inside is not None]
    widths = [trial.measured.width * 1000 for trial in trials if trial.inside is not None and trial.measured]
    return {
        "inside_interval": round(sum(judged) / len(judged), 4) if judged else None,
        "wrong_verdicts": sum(trial.wrong for trial in trials),
        "width_ms_p50": round(float(np.percentile(widths, 50)), 1) if widths else None,
        "width_ms_p95": round(float(np.percentile(widths, 95)), 1) if widths else None,
        "inconclusive": sum(trial.verdict is journeys.Verdict.INCONCLUSIVE for trial in trials),
        "errors": sum(trial.verdict is journeys.Verdict.ERROR for trial in trials),
        "trials": len(trials),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=60, help="changes of each kind (default: 60)")
    parser.add_argument("--lies", type=int, default=5, help="lies of both sorts of each kind (default: 5)")
    given = parser.parse_args()
    asyncio.run(bench(trials=given.trials, lies=given.lies))
