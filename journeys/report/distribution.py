"""What repeated runs say together: for each surface all its latencies, counted and ranked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal, NamedTuple

from flutter_bridge import Interval
from journeys.report.quantiles import quantile
from journeys.report.record import Bounds, JourneyRecord, SurfaceRecord

Since = Literal["commit", "tap"]
"""The moment a latency is counted from."""


class Run(NamedTuple):
    """One of a journey's repeated runs: its number, from 1, and its record."""

    number: int
    record: JourneyRecord


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one observer saw of one surface in one run."""

    run: int
    actor: str
    verdict: str
    reason: str
    fault: str | None
    commit_to_visible: Interval | None
    tap_to_visible: Interval | None

    def latency(self, since: Since) -> Interval | None:
        """Return the latency as far as it is known; None where nothing is.

        A change that was watched for and never seen to stay has a latency, and it may be any: from 0 to
        infinity. Leaving it out would make a slow app look fast.
        """
        known = self.commit_to_visible if since == "commit" else self.tap_to_visible
        if known is None and self.unseen:
            return Interval(0.0, inf)
        return known

    @property
    def unseen(self) -> bool:
        """Whether the observer was sound and yet the change was never seen to stay."""
        return self.verdict != "error" and self.commit_to_visible is None


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """All samples of one surface, in the order of the runs.

    `change` is 2 for the second change that a run of the journey measures on this surface, and so on.
    `targets` are those of the runs, `target` is the one on which the surface was.
    """

    journey: str
    name: str
    targets: tuple[str, ...]
    target: str
    surface: str
    change: int
    budget_s: float
    samples: tuple[Sample, ...]

    @property
    def actors(self) -> tuple[str, ...]:
        """Who looked, in the order in which they appear."""
        return tuple(dict.fromkeys(sample.actor for sample in self.samples))

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
        counted = Counter(sample.verdict for sample in self.samples)
        return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}

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
        return replace(self, samples=tuple(_last(of_run, everyone) for of_run in by_run.values()))


VERDICTS = ("passed", "failed", "inconclusive", "error")
_GRAVITY = ("passed", "inconclusive", "failed", "error")
PERCENTS = (50, 95)
"""The quantiles that are reported."""
_ENOUGH_FOR_P95 = 20


def distributions(runs: Iterable[Run]) -> list[Distribution]:
    """Gather what was measured on each surface: journey by journey, in the order they were first judged."""
    gathered: dict[object, Distribution] = {}
    samples: defaultdict[object, list[Sample]] = defaultdict(list)
    for number, record in runs:
        seen: Counter[tuple[str, str, str]] = Counter()
        targets = tuple(record["targets"])
        for surface in record["surfaces"]:
            place = (surface["target"], surface["surface"], surface["actor"])
            seen[place] += 1
            key = (record["id"], targets, surface["target"], surface["surface"], seen[place])
            samples[key].append(_sample(number, surface))
            if key not in gathered:
                gathered[key] = Distribution(
                    journey=record["id"],
                    name=record["name"],
                    targets=targets,
                    target=surface["target"],
                    surface=surface["surface"],
                    change=seen[place],
                    budget_s=surface["budget_s"],
                    samples=(),
                )
    found = [
        replace(one, samples=tuple(sorted(samples[key], key=lambda sample: sample.run)))
        for key, one in gathered.items()
    ]
    # A surface that its journey's first run did not come to appears after other journeys' first runs.
    journeys = list(dict.fromkeys((one.journey, one.targets) for one in found))
    return sorted(found, key=lambda one: journeys.index((one.journey, one.targets)))


def _last(of_run: Sequence[Sample], everyone: int) -> Sample:
    gravest = max(of_run, key=lambda sample: _GRAVITY.index(sample.verdict))
    whole = len(of_run) == everyone and gravest.verdict != "error"
    return replace(
        gravest,
        actor=f"last of {everyone}",
        verdict=gravest.verdict if whole else "error",
        commit_to_visible=_latest([sample.commit_to_visible for sample in of_run]) if whole else None,
        tap_to_visible=_latest([sample.tap_to_visible for sample in of_run]) if whole else None,
    )


def _latest(latencies: Sequence[Interval | None]) -> Interval | None:
    known = [one for one in latencies if one is not None]
    if len(known) < len(latencies):
        return None
    return Interval(max(one.low for one in known), max(one.high for one in known))


def _sample(number: int, surface: SurfaceRecord) -> Sample:
    return Sample(
        run=number,
        actor=surface["actor"],
        verdict=surface["verdict"],
        reason=surface["reason"],
        fault=surface["fault"],
        commit_to_visible=_interval(surface["commit_to_visible_s"]),
        tap_to_visible=_interval(surface["tap_to_visible_s"]),
    )


def _interval(bounds: Bounds | None) -> Interval | None:
    return None if bounds is None else Interval(bounds["low"], bounds["high"])


def too_few(gathered: Sequence[Distribution]) -> str:
    """Say what a p95 is worth where some observer has few samples; empty where all have enough."""
    fewest = min((len(one.samples) for each in gathered for one in each.by_actor()), default=0)
    if fewest >= _ENOUGH_FOR_P95:
        return ""
    return f"The p95 of fewer than {_ENOUGH_FOR_P95} values is the largest of them."


def counted(counts: dict[str, int]) -> str:
    """Write counts as a person reads them: `48 passed, 2 failed`."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
