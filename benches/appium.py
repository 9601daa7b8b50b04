"""What going through Appium costs, and how exactly it measures: against the plain client, on stand-ins.

Backend, app, the real Appium server with the real UiAutomator2 driver, and stand-ins, all started as the
journeys start them. A stand-in answers faster than a phone, so what we wait for by the clock weighs more here
than there, and requests weigh less.

**Calls.** Each call of `AppiumApp`, and the same by appium-python-client on the same screen in the same
session, in turn; ratios are medians over pairs. The plain calls are those of a script that is to pass on
every run: they wait until an element is displayed (and enabled, to tap it), and read back what they typed.
`bare` ones do neither, and aren't the same call. Both get our driver settings, so neither waits for an idle
screen. Ours check more, and it is in their time: that the element rests (in two readings, two frames apart at
least) and isn't covered.

**A journey.** `new_avatar_reaches_every_surface` on three stand-ins, against the script that one writes by
hand: the plain client, httpx for the accounts, and screenshots with a perceptual hash until the new picture
is seen in each place. The journey times and certifies each of five surfaces; the script says only that the
picture came.

**Interval width.** Changes that reach an app after a known delay, timed through MJPEG and through
screenshots; the truth is asked of the Chromium behind the stand-in (see `_presented.js`).

`bench-results/appium.json`: `call_ratio_median` (the median of the calls' median ratios), `calls` (by call:
`ours_ms`, `plain_ms`, `bare_ms`, `ratio`, `ratio_bare`, and how many requests each took),
`journey_ratio_median`, `round_trips_per_journey` (ours, median), `round_trips_per_script`, `pairs`;
`width_ms_p50_mjpeg`, `width_ms_p95_mjpeg`, `width_ms_p50_screenshots`, `width_ms_p95_screenshots` (of commit
-> visible), `inside_mjpeg` and `inside_screenshots` (share of trials with the truth inside),
`wrong_verdicts`, `verdicts`, `trials`, `delays_ms`, `samples`, `goal` (1.10).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from benches._appium_calls import BARE, OURS, PLAIN, Round, open_calls, ratio
from benches._appium_journey import Pair, pairs
from benches._appium_place import open_place
from benches._appium_widths import DELAYS_MS, KINDS, known, widths
from benches._results import print_table, write_results
from benches.propagation import Trial
from flutter_bridge import Interval
from journeys.run.servers import free_ports
from journeys.targets import FrameKind

GOAL = 1.10
PARTS = ("widths", "calls", "journey")


async def bench(parts: Sequence[str], *, rounds: int, journeys: int, trials: int) -> None:
    """Run the parts asked for, and write what came of them."""
    figures: dict[str, object] = {"goal": GOAL}
    (port,) = free_ports([None])
    async with open_place(debugging_port=port, faults=True) as place:
        # First, while there is one phone with an app.
        if "widths" in parts:
            print("interval widths")
            figures |= _of_widths(await widths(place, debugging_port=port, trials=trials))
        if "calls" in parts:
            print("calls")
            async with open_calls(place) as calls:
                figures |= _of_calls(
                    {case.name: await calls.measured(case, rounds=rounds) for case in calls.cases()}
                )
        if "journey" in parts:
            print("a journey")
            figures |= _of_journeys(await pairs(place, number=journeys))
    write_results("appium", figures)


def _of_calls(measured: Mapping[str, Sequence[Round]]) -> dict[str, object]:
    calls = {name: _of_call(rounds) for name, rounds in measured.items()}
    print_table(
        ["", "ours, ms", "plain", "bare", "ours / plain", "ours / bare", "requests"],
        [
            [
                name,
                *(_shown(call[key], ".0f") for key in ("ours_ms", "plain_ms", "bare_ms")),
                *(_shown(call[key], ".2f") for key in ("ratio", "ratio_bare")),
                " : ".join(_shown(call[key], "g") for key in ("requests", "plain_requests", "bare_requests")),
            ]
            for name, call in calls.items()
        ],
    )
    median = statistics.median(call["ratio"] for call in calls.values() if call["ratio"] is not None)
    print(f"call_ratio_median: {median:.3f} (goal: at most {GOAL:.2f})")
    return {"call_ratio_median": round(median, 3), "calls": calls}


def _of_call(rounds: Sequence[Round]) -> dict[str, float | None]:
    def median(who: str, *, sent: bool = False) -> float | None:
        if who not in rounds[0]:
            return None
        values = [each[who].sent if sent else each[who].seconds * 1000 for each in rounds]
        return round(statistics.median(values), 1)

    return {
        **{f"{who}_ms": median(who) for who in (OURS, PLAIN, BARE)},
        "ratio": round(ratio(rounds), 3),
        "ratio_bare": round(ratio(rounds, BARE), 3) if BARE in rounds[0] else None,
        "requests": median(OURS, sent=True),
        "plain_requests": median(PLAIN, sent=True),
        "bare_requests": median(BARE, sent=True),
    }


def _of_journeys(done: Sequence[Pair]) -> dict[str, object]:
    ours, script = ([getattr(pair, key) for pair in done] for key in ("journey_sent", "plain_sent"))
    figures: dict[str, object] = {
        "journey_ratio_median": round(statistics.median(pair.ratio for pair in done), 3),
        "round_trips_per_journey": statistics.median(ours),
        "round_trips_per_script": statistics.median(script),
    }
    for name, value in figures.items():
        print(f"{name}: {value}")
    return {**figures, "pairs": [asdict(pair) for pair in done]}


def _of_widths(trials: Mapping[FrameKind, Sequence[Trial]]) -> dict[str, object]:
    print_table(
        ["", *(f"{delay} ms" for delay in DELAYS_MS)],
        [
            [f"{kind}, {name}", *(pick(_of_delay(trials[kind], delay)) for delay in DELAYS_MS)]
            for kind in KINDS
            for name, pick in (
                ("verdicts", _verdicts),
                ("measured, ms (medians)", _measured),
                ("truth", _true),
            )
        ],
    )
    everything = [trial for each in trials.values() for trial in each]
    figures: dict[str, object] = {}
    for kind in KINDS:
        for part in (50, 95):
            figures[f"width_ms_p{part}_{kind}"] = _quantile(known(trials[kind]), part)
        judged = [trial.inside for trial in trials[kind] if trial.inside is not None]
        figures[f"inside_{kind}"] = sum(judged) / max(1, len(judged))
    figures["wrong_verdicts"] = sum(trial.wrong for trial in everything)
    for name, value in figures.items():
        print(f"{name}: {value}")
    return {
        **figures,
        "trials": len(everything),
        "verdicts": {
            kind: dict(Counter(trial.verdict.value for trial in each)) for kind, each in trials.items()
        },
        "delays_ms": list(DELAYS_MS),
        "samples": [
            {
                "kind": kind,
                "delay_ms": round(trial.delay * 1000),
                "verdict": trial.verdict.value,
                "measured_ms": _milliseconds(trial.measured),
                "truth_ms": _milliseconds(trial.truth),
                "inside": trial.inside,
            }
            for kind, each in trials.items()
            for trial in each
        ],
    }


def _of_delay(trials: Sequence[Trial], delay: int) -> list[Trial]:
    return [trial for trial in trials if round(trial.delay * 1000) == delay]


def _verdicts(trials: Sequence[Trial]) -> str:
    return " ".join(
        f"{count} {verdict}" for verdict, count in Counter(t.verdict.value for t in trials).items()
    )


def _measured(trials: Sequence[Trial]) -> str:
    measured = [trial.measured for trial in trials if trial.measured is not None]
    low, high = (
        _quantile([getattr(each, bound) * 1000 for each in measured], 50) for bound in ("low", "high")
    )
    return f"{low:.0f}–{high:.0f}"


def _true(trials: Sequence[Trial]) -> str:
    return f"{_quantile([trial.truth.high * 1000 for trial in trials if trial.truth is not None], 50):.0f}"


def _quantile(values: Sequence[float], part: int) -> float:
    return round(float(np.percentile(values, part)), 1) if values else float("nan")


def _milliseconds(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low * 1000, 1), round(interval.high * 1000, 1)]


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, action="append", help="one part instead of all; repeatable")
    parser.add_argument("--rounds", type=int, default=6, help="how often each call is done (default: 6)")
    parser.add_argument("--journeys", type=int, default=3, help="pairs of journeys (default: 3)")
    parser.add_argument("--trials", type=int, default=4, help="changes of each delay and kind (default: 4)")
    given = parser.parse_args()
    asyncio.run(bench(given.only or PARTS, rounds=given.rounds, journeys=given.journeys, trials=given.trials))
