"""Figures of load: quantiles as intervals, who holds back, verdicts, ratios, baselines, slopes."""

from __future__ import annotations

import random
from math import inf
from pathlib import Path

import msgspec
import pytest

from flutter_bridge import Interval
from journeys.errors import SetupError, UsageError
from journeys.load import LoadResult, Range, compare, read_baseline, write_baseline
from journeys.load.bottleneck import name_bottleneck, time_by_part
from journeys.load.records import LoadRecord, parse_server_timing, quantile_bounds
from journeys.load.results import divide, judge_step
from journeys.load.run import seconds_of_step, sizes_of
from journeys.load.soak import figure_of
from journeys.load.watchers import Seen, read_seen


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("total;dur=12.5, db;dur=3", {"total": 0.0125, "db": 0.003}),
        ('db;desc="the, database";dur=3', {}),
        ("cache;desc=hit, db;dur=3, db;dur=1", {"db": 0.004}),
        ("miss", {}),
        ("db;dur=1.2.3", {}),
        ("", {}),
    ],
    ids=["plain", "quoted comma", "twice", "no duration", "no number", "none"],
)
def test_server_timing_is_read(text: str, parts: dict[str, float]) -> None:
    assert parse_server_timing(text) == pytest.approx(parts)


@pytest.mark.parametrize("percent", [50, 95])
def test_an_interval_of_a_quantile_holds_the_true_one_as_often_as_it_says(percent: int) -> None:
    chance = random.Random(3)  # noqa: S311 - repeats itself
    found = 0
    for _ in range(400):
        bounds = quantile_bounds([chance.random() for _ in range(200)], percent)
        assert bounds is not None
        # Of what is evenly spread from 0 to 1, the quantile is the share itself.
        found += bounds.low <= percent / 100 <= bounds.high
    assert found >= 400 * 0.92


def test_too_few_values_have_no_upper_bound() -> None:
    bounds = quantile_bounds([1.0, 2.0, 3.0], 99)
    assert bounds is not None
    assert bounds.high == inf
    assert quantile_bounds([], 50) is None


def record_of(*, client: float = 1.0, lag: float = 0.0, **parts: float) -> LoadRecord:
    record = LoadRecord(timed_s=client)
    record.parts.update(parts)
    record.lags = [lag] * 100
    record.requests["GET /"].seconds = [0.1] * 100
    return record


def test_time_that_no_part_explains_is_the_backends_code_and_the_queue_before_it() -> None:
    shares = time_by_part(record_of(client=1.0, total=0.6, db=0.5))
    assert shares == pytest.approx({"db": 0.5, "before the backend": 0.4, "backend's code": 0.1})


@pytest.mark.parametrize(
    ("record", "cores", "name"),
    [
        (record_of(lag=0.3, total=0.9, db=0.9), {"backend": 1.0}, "load engine"),
        (record_of(total=0.9, db=0.8), {"backend": 0.97, "load engine": 0.4}, "backend's event loop"),
        (record_of(total=0.9, db=0.8), {"backend": 0.5, "PostgreSQL": 1.4}, "processor: PostgreSQL"),
        (record_of(total=0.9, db=0.8), {"backend": 0.3}, "db"),
        (record_of(total=0.2, db=0.1), {"backend": 0.3}, "before the backend"),
        (record_of(client=0.0), {"backend": 0.3}, "unknown"),
    ],
    ids=["engine", "loop", "machine", "database", "queue", "nothing is told"],
)
def test_what_holds_back_is_named(record: LoadRecord, cores: dict[str, float], name: str) -> None:
    assert name_bottleneck(record, cores, machine_cores=2).name == name


def seen_between(low: float, high: float) -> Seen:
    return Seen(looks=(Interval(low, high),), budget_s=1.0)


@pytest.mark.parametrize(
    ("look", "verdict"),
    [
        (seen_between(0.5, 1.0), "passed"),
        (seen_between(0.9, 1.1), "inconclusive"),
        (seen_between(1.1, 1.2), "failed"),
        (seen_between(0.2, inf), "inconclusive"),
        (Seen(error="no browser"), "inconclusive"),
        (None, "passed"),
    ],
    ids=["within", "on both sides", "above", "never seen", "nothing measured", "nobody looks"],
)
def test_a_step_is_judged_by_the_whole_interval(look: Seen | None, verdict: str) -> None:
    assert judge_step(record_of(), look)[0] == verdict


def test_a_late_engine_says_nothing_of_the_target() -> None:
    assert judge_step(record_of(lag=0.5), seen_between(2, 3))[0] == "inconclusive"


def test_failed_requests_fail_a_step() -> None:
    record = record_of()
    record.requests["GET /"].failures["503"] = 5
    assert judge_step(record, seen_between(0.1, 0.2)) == ("failed", "4.8% of the requests failed")


def test_what_a_measurement_wrote_is_read(tmp_path: Path) -> None:
    samples = [
        {"verdict": "passed", "commit_to_visible_s": {"low": 0.1, "high": 0.2}, "tap_to_visible_s": None},
        {"verdict": "failed", "commit_to_visible_s": None, "tap_to_visible_s": {"low": 0.3, "high": None}},
        {"verdict": "error", "commit_to_visible_s": {"low": 9, "high": 9}, "tap_to_visible_s": None},
    ]
    document = {"distributions": [{"budget_s": 0.8, "samples": samples}]}
    (tmp_path / "measure.json").write_bytes(msgspec.json.encode(document))
    found = read_seen(tmp_path)
    assert found.looks == (Interval(0.1, 0.2), Interval(0.3, inf))
    assert found.budget_s == 0.8
    assert found.quantiles()[99] == Interval(0.3, inf)


@pytest.mark.parametrize("content", [None, "{", '{"distributions": 5}', '{"distributions": []}'])
def test_a_measurement_that_wrote_nothing_names_its_log(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "measure.json").write_text(content)
    assert str(tmp_path.with_suffix(".log")) in read_seen(tmp_path).error


def test_the_reference_of_an_hour_takes_a_minute() -> None:
    assert [seconds_of_step(number, 3600.0) for number in (0, 1)] == [60.0, 3600.0]
    assert seconds_of_step(0, 30.0) == 30.0


def test_people_are_stepped_up_evenly() -> None:
    assert sizes_of(100, 4) == [25, 50, 75, 100]
    assert sizes_of(3, 3) == [1, 2, 3]


def test_a_ratio_holds_the_ratio_of_all_that_its_parts_may_be() -> None:
    assert divide(Range(0.2, 0.4), Range(0.1, 0.2)) == Range(1.0, 4.0)
    assert divide(Range(0.2, None), Range(0.1, 0.2)) == Range(1.0, None)
    assert divide(Range(0.2, 0.3), Range(0.1, None)) is None


def result(people: int | None, ratio: Range | None, *, scenario: str = "shop") -> LoadResult:
    return LoadResult(
        schema=1, started_at="", url="http://127.0.0.1:1", scenario=scenario, machine={}, steps=[],
        people_held=people, ratio=ratio, ratio_of="p95 of what is seen", bottleneck="db",
        bottleneck_reason="", verdict="passed",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (result(100, Range(1.0, 1.9)), "passed"),
        (result(100, Range(2.5, 3.0)), "failed"),
        (result(100, Range(1.0, 3.0)), "inconclusive"),
        (result(50, Range(1.0, 1.0)), "failed"),
        (result(None, None), "failed"),
        (result(200, Range(9.0, 9.0)), "passed"),
        (result(100, Range(1.0, 1.0), scenario="other"), "inconclusive"),
    ],
    ids=["as good", "slower", "on both sides", "fewer", "nobody", "more", "another workload"],
)
def test_a_run_is_held_against_its_baseline(tmp_path: Path, now: LoadResult, verdict: str) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, result(100, Range(1.0, 2.0)))
    assert compare(now, read_baseline(file)).verdict == verdict


@pytest.mark.parametrize("content", [None, "{", '{"schema": 1}', '{"schema": 1, "more": 2}'])
def test_a_baseline_that_can_not_be_read_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SetupError, match=r"baseline\.json: .*--update-baseline"):
        read_baseline(file)


def test_a_run_in_which_nobody_was_held_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody was held"):
        write_baseline(tmp_path / "baseline.json", result(None, None))


def noise(count: int, slope: float, level: float = 100.0) -> list[float]:
    chance = random.Random(11)  # noqa: S311 - repeats itself
    return [level + slope * number + chance.gauss(0, 0.5) for number in range(count)]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (noise(60, 0.0), "flat"),
        (noise(60, 0.5), "grows"),
        (noise(60, -0.5), "flat"),
        ([0.0] * 8 + [100.0] * 52, "flat"),
        ([100.0] * 59 + [500.0], "flat"),
        ([5.0] * 60, "flat"),
        ([float(number) for number in range(60)], "grows"),
        (noise(9, 5.0), "too few"),
    ],
    ids=["noise", "leak", "shrinks", "warms up", "one far off", "the same", "a count", "short"],
)
def test_what_grows_is_told_from_noise(values: list[float], verdict: str) -> None:
    assert figure_of("memory", values, every_s=60).verdict == verdict


def test_a_slope_is_an_interval_by_the_hour() -> None:
    figure = figure_of("memory", noise(60, 0.5), every_s=60)
    assert figure.slope_per_hour is not None
    low, high = figure.slope_per_hour
    assert low <= 30 <= high
