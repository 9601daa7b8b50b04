"""Reports: consumers of the timeline, each of them one module."""

from journeys.report.console import ConsoleReport
from journeys.report.distribution import Distribution, Run, Sample, distributions, quantile
from journeys.report.json_report import (
    JOURNAL,
    SCHEMA,
    JournalEntry,
    append_to_journal,
    overall_status,
    properties_of,
    write_json,
    write_measure_json,
)
from journeys.report.measure_page import write_measure_page
from journeys.report.record import (
    Bounds,
    JourneyRecord,
    Outcome,
    ScreenRow,
    Seconds,
    StepRecord,
    SurfaceRecord,
    format_latency,
    is_timed,
    record_of,
    rfc3339,
)

__all__ = [
    "JOURNAL",
    "SCHEMA",
    "Bounds",
    "ConsoleReport",
    "Distribution",
    "JournalEntry",
    "JourneyRecord",
    "Outcome",
    "Run",
    "Sample",
    "ScreenRow",
    "Seconds",
    "StepRecord",
    "SurfaceRecord",
    "append_to_journal",
    "distributions",
    "format_latency",
    "is_timed",
    "overall_status",
    "properties_of",
    "quantile",
    "record_of",
    "rfc3339",
    "write_json",
    "write_measure_json",
    "write_measure_page",
]
