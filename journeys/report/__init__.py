"""Reports: consumers of the timeline, each of them one module."""

from journeys.report.chaos import CHAOS_HEADER, ChaosRecord, chaos_rows
from journeys.report.console import ConsoleReport
from journeys.report.device_trace import write_device_traces
from journeys.report.distribution import Distribution, Run, Sample, distributions, quantile
from journeys.report.headline import FAULTS, headline_of, sentence_of
from journeys.report.json_report import (
    JOURNAL,
    SCHEMA,
    JournalEntry,
    RunDocument,
    append_to_journal,
    describe_machine,
    overall_status,
    properties_of,
    write_json,
    write_measure_json,
)
from journeys.report.look import read_look
from journeys.report.measure_page import write_measure_page
from journeys.report.moments import Bounds, FilmRecord, MomentRecord, Seconds
from journeys.report.record import (
    JourneyRecord,
    Outcome,
    ScreenRow,
    StepRecord,
    SurfaceRecord,
    format_latency,
    is_timed,
    record_of,
    rfc3339,
)
from journeys.report.run_page import PAGE, anchor_of, write_run_page

__all__ = [
    "CHAOS_HEADER",
    "FAULTS",
    "JOURNAL",
    "PAGE",
    "SCHEMA",
    "Bounds",
    "ChaosRecord",
    "ConsoleReport",
    "Distribution",
    "FilmRecord",
    "JournalEntry",
    "JourneyRecord",
    "MomentRecord",
    "Outcome",
    "Run",
    "RunDocument",
    "Sample",
    "ScreenRow",
    "Seconds",
    "StepRecord",
    "SurfaceRecord",
    "anchor_of",
    "append_to_journal",
    "chaos_rows",
    "describe_machine",
    "distributions",
    "format_latency",
    "headline_of",
    "is_timed",
    "overall_status",
    "properties_of",
    "quantile",
    "read_look",
    "record_of",
    "rfc3339",
    "sentence_of",
    "write_device_traces",
    "write_json",
    "write_measure_json",
    "write_measure_page",
    "write_run_page",
]
