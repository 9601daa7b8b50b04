"""What repeated runs measured: all latencies of each surface, their quantiles, and how often each came.

Every latency is known as an interval only, and so is all that is made of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from math import floor, inf, isfinite
from typing import Literal, NamedTuple

from flutter_bridge import Interval
from journeys.report.moments import Bounds
from journeys.report.record import JourneyRecord, SurfaceRecord, has_appeared, is_timed

Since = Literal["commit", "tap"]
"""The moment a latency is counted from."""
BOTH: tuple[Since, ...] = ("commit", "tap")

VERDICTS = ("passed", "failed", "inconclusive", "error")
PERCENTS = (50, 95)
"""The quantiles that are reported."""
_BY_GRAVITY = ("passed", "inconclusive", "failed", "error")
_ENOUGH_FOR_P95 = 20
_BULK_PERCENT = 90


class Run(NamedTuple):
    """One of a journey's repeated runs: its number, from 1, and its record."""

    number: int
    record: JourneyRecord


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one observer saw of one surface in one run.

    A change that was watched for and never seen to stay has a latency, and it may be any: from 0 to infinity.
    Leaving it out would make a slow app look fast. A latency of None is one that nobody knows.
    """

    run: int
    actor: str
    verdict: str
    reason: str
    fault: str | None
    commit_to_visible: Interval | None
    tap_to_visible: Interval | None

    def latency(self, since: Since) -> Interval | None:
        """Return the latency as far as it is known; None where nothing is."""
        return self.commit_to_visible if since == "commit" else self.tap_to_visible


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """All samples of one surface, in the order of the runs.

    `change` is 2 for the second change that a run of the journey measures on this surface, and so on.
    `targets` are those of the runs, `target` is the one on which the surface was. `since` is what the budget
    runs from; None where it is another moment than those that latencies are counted from.
    """

    journey: str
    name: str
    targets: tuple[str, ...]
    target: str
    surface: str
    change: int
    budget_s: float
    since: Since | None
    samples: tuple[Sample, ...]

    @property
    def drawn_since(self) -> Since:
        """The moment from which it is drawn: what the budget runs from, if not otherwise the commit."""
        return self.since or ("commit" if self.latencies("commit") else "tap")

    @property
    def actors(self) -> tuple[str, ...]:
        """Who looked, in the order in which they appear."""
        return tuple(dict.fromkeys(sample.actor for sample in self.samples))

    @property
    def observers(self) -> str:
        """Who looked, in a word or two: the only observer, or how many there are."""
        return self.actors[0] if len(self.actors) == 1 else f"{len(self.actors)} observers"

    @property
    def title(self) -> str:
        """The surface; its target and which change it is where there are several of them."""
        on = f" on {self.target}" if len(self.targets) > 1 else ""
        return f"{self.surface}{on}" if self.change == 1 else f"{self.surface}{on} (change {self.change})"

    @property
    def place(self) -> str:
        """Where the journey was run."""
        return ", ".join(self.targets) or self.target

    def is_of(self, run: Run) -> bool:
        """Whether it is one of this journey's runs on these targets, whatever was measured in it."""
        return (run.record["id"], tuple(run.record["targets"])) == (self.journey, self.targets)

    def counts(self) -> dict[str, int]:
        """Return how many samples have each verdict; those that none has are left out."""
        return count_statuses(sample.verdict for sample in self.samples)

    def latencies(self, since: Since) -> list[Interval]:
        """Return what is known of each latency, without samples that say nothing of it."""
        return [known for sample in self.samples if (known := sample.latency(since)) is not None]

    def quantile(self, percent: int, since: Since) -> Interval | None:
        """Return the interval that holds the latencies' quantile; None where nothing was measured."""
        latencies = self.latencies(since)
        return quantile(latencies, percent) if latencies else None

    def by_actor(self) -> list[Distribution]:
        """Return one distribution for each observer."""
        return [
            replace(self, samples=tuple(sample for sample in self.samples if sample.actor == actor))
            for actor in self.actors
        ]

    def last(self) -> Distribution:
        """Return, of each run, when the last of its observers saw the change: when everyone had seen it.

        Its bounds are the latest low and the latest high bound, for the largest of some values never falls
        when one of them grows. Its verdict is the gravest; a run says nothing of the last where an observer
        is missing, or could certify nothing.
        """
        by_run: defaultdict[int, list[Sample]] = defaultdict(list)
        for sample in self.samples:
            by_run[sample.run].append(sample)
        everyone = len(self.actors)
        return replace(self, samples=tuple(_last_of(of_run, everyone) for of_run in by_run.values()))


def distributions(runs: Iterable[Run]) -> list[Distribution]:
    """Gather what was measured on each surface: journey by journey, in the order of their first verdicts."""
    gathered: dict[object, Distribution] = {}
    measured: defaultdict[object, list[tuple[int, SurfaceRecord]]] = defaultdict(list)
    for number, record in runs:
        changes: Counter[tuple[str, str, str]] = Counter()
        targets = tuple(record["targets"])
        for surface in filter(is_timed, record["surfaces"]):
            place = (surface["target"], surface["surface"], surface["actor"])
            changes[place] += 1
            key = (record["id"], targets, surface["target"], surface["surface"], changes[place])
            measured[key].append((number, surface))
            if key not in gathered:
                gathered[key] = Distribution(
                    journey=record["id"],
                    name=record["name"],
                    targets=targets,
                    target=surface["target"],
                    surface=surface["surface"],
                    change=changes[place],
                    budget_s=surface["budget_s"],
                    since=_since_of(surface),
                    samples=(),
                )
    found = [replace(one, samples=_samples_of(measured[key], one.since)) for key, one in gathered.items()]
    # A surface that its journey's first run did not come to appears after other journeys' first runs.
    journeys = list(dict.fromkeys((one.journey, one.targets) for one in found))
    return sorted(found, key=lambda one: journeys.index((one.journey, one.targets)))


def rank(percent: int, count: int) -> int:
    """Return which of `count` values, counted from 1 and the smallest, is the quantile: the nearest rank.

    The smallest value that at least `percent` of all do not exceed: ceil(percent/100 · count). The 95th
    percentile is therefore the largest of fewer than 20 values, and the second largest of 20.
    """
    return max(1, -(-percent * count // 100))


def quantile(latencies: Sequence[Interval], percent: int) -> Interval:
    """Return the interval in which the quantile of the true latencies lies, wherever each of them does.

    It goes from the quantile of the low bounds to the quantile of the high bounds. The k-th smallest of some
    values never falls when one of them grows. So it is least where every truth is at its low bound, greatest
    where every one is at its high bound, and no narrower interval would hold it for certain.

    It speaks of the values given and not of those other runs would have had. Raises `ValueError` for none.
    """
    if not latencies:
        raise ValueError("there is no quantile of nothing")
    if not 0 < percent <= 100:
        raise ValueError(f"a quantile lies above 0 % and up to 100 %, got {percent}")
    index = rank(percent, len(latencies)) - 1
    return Interval(sorted(one.low for one in latencies)[index], sorted(one.high for one in latencies)[index])


def count_statuses(statuses: Iterable[str]) -> dict[str, int]:
    """Return how many there are of each status, in the reports' order."""
    counted = Counter(statuses)
    return {status: counted[status] for status in VERDICTS if counted[status]}


def format_counts(counts: dict[str, int]) -> str:
    """Write counts as a person reads them: `48 passed, 2 failed`."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def describe_small_samples(gathered: Sequence[Distribution]) -> str:
    """Say what a p95 is worth where some observer has few samples; empty where all have enough."""
    fewest = min((len(one.samples) for each in gathered for one in each.by_actor()), default=0)
    if fewest >= _ENOUGH_FOR_P95:
        return ""
    return f"The p95 of fewer than {_ENOUGH_FOR_P95} values is the largest of them."


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Bins of one width, in seconds, and how much of the values lies in each.

    An interval is spread over the bins it overlaps, in proportion to the overlap: where in it the truth lies
    isn't known. So weights are fractions and add up, with `beyond` the last edge and `unseen`, to the number
    of values.
    """

    edges: tuple[float, ...]
    weights: tuple[float, ...]
    beyond: float
    unseen: int

    @property
    def bins(self) -> list[tuple[Interval, float]]:
        """Each bin and its weight."""
        return [
            (Interval(*edges), weight)
            for edges, weight in zip(pairwise(self.edges), self.weights, strict=True)
        ]


def histogram(values: Sequence[Interval], *, bins: int, at_most: int) -> Histogram:
    """Spread values over bins: nine tenths of them over `bins`, and all over `at_most` if that is enough.

    Otherwise what lies further away than that is `beyond`: one outlier must not squeeze all others into one
    bin. Values without a high bound are counted as unseen.
    """
    known = [value for value in values if isfinite(value.high)]
    unseen = len(values) - len(known)
    if not known:
        return Histogram(edges=(), weights=(), beyond=0.0, unseen=unseen)
    low, top = min(value.low for value in known), max(value.high for value in known)
    bulk = quantile(known, _BULK_PERCENT).high
    width_ms = next(width for width in _widths_ms() if len(_edges(low, bulk, width)) <= bins + 1)
    edges = _edges(low, top, width_ms)
    if len(edges) > at_most + 1:
        end = edges[at_most]
        edges = _edges(low, max(value.high for value in known if value.high < end), width_ms)
    weights = [sum(_share(value, *pair) for value in known) for pair in pairwise(edges)]
    if not weights[-1]:  # made for a value on its lower edge, and there was none
        edges, weights = edges[:-1], weights[:-1]
    beyond = sum(_share(value, edges[-1], max(top, edges[-1]) + 1) for value in known)
    return Histogram(edges=edges, weights=tuple(weights), beyond=beyond, unseen=unseen)


def _last_of(of_run: Sequence[Sample], everyone: int) -> Sample:
    gravest = max(of_run, key=lambda sample: _BY_GRAVITY.index(sample.verdict))
    whole = len(of_run) == everyone and gravest.verdict != "error"
    return replace(
        gravest,
        actor=f"last of {everyone}",
        verdict=gravest.verdict if whole else "error",
        commit_to_visible=_latest_of([sample.commit_to_visible for sample in of_run]) if whole else None,
        tap_to_visible=_latest_of([sample.tap_to_visible for sample in of_run]) if whole else None,
    )


def _latest_of(latencies: Sequence[Interval | None]) -> Interval | None:
    known = [one for one in latencies if one is not None]
    if len(known) < len(latencies) and all(isfinite(one.high) for one in known):
        return None
    return Interval(max(one.low for one in known), max(one.high for one in known))


def _since_of(surface: SurfaceRecord) -> Since | None:
    since = surface.get("since") or "commit"
    return (
        "tap" if since == "tap" else "commit" if since == "commit" or since.startswith("commit “") else None
    )


def _samples_of(measured: Sequence[tuple[int, SurfaceRecord]], since: Since | None) -> tuple[Sample, ...]:
    """Return a sample of each look in the order of the runs; `since` is what their budget runs from."""
    # Of what never appeared nobody knows whether it was committed, unless others of its kind are.
    commits = since == "commit" or any(surface["commit_to_visible_s"] is not None for _, surface in measured)
    samples = []
    for number, surface in sorted(measured, key=lambda one: one[0]):
        is_unseen = not has_appeared(surface) and surface["verdict"] != "error"
        unseen = Interval(0.0, inf) if is_unseen else None
        samples.append(
            Sample(
                run=number,
                actor=surface["actor"],
                verdict=surface["verdict"],
                reason=surface["reason"],
                fault=surface["fault"],
                commit_to_visible=_interval(surface["commit_to_visible_s"]) or (unseen if commits else None),
                tap_to_visible=_interval(surface["tap_to_visible_s"]) or unseen,
            )
        )
    return tuple(samples)


def _interval(bounds: Bounds | None) -> Interval | None:
    return None if bounds is None else Interval(bounds["low"], bounds["high"])


def _widths_ms() -> Iterator[int]:
    """Yield widths that people can read an axis by: 1, 2, 5, 10, 20, 50 ... ms."""
    for power in count():
        yield from (digit * 10**power for digit in (1, 2, 5))


def _edges(low: float, high: float, width_ms: int) -> tuple[float, ...]:
    """Return the edges of bins that hold both; a value on an edge belongs to the bin above it."""
    first, last = _bin(low, width_ms), _bin(high, width_ms)
    return tuple(number * width_ms / 1000 for number in range(first, last + 2))


def _bin(seconds: float, width_ms: int) -> int:
    """Return the number of the bin that a value is in, by the edges themselves: a product may be rounded."""
    number = floor(seconds * 1000 / width_ms)
    if number * width_ms / 1000 > seconds:
        return number - 1
    return number + 1 if (number + 1) * width_ms / 1000 <= seconds else number


def _share(value: Interval, low: float, high: float) -> float:
    """Return how much of a value lies in a bin; its upper edge belongs to the next one."""
    if value.width == 0:
        return 1.0 if low <= value.low < high else 0.0
    return max(0.0, min(value.high, high) - max(value.low, low)) / value.width
