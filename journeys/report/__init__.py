"""Reports: consumers of the timeline, each of them one module."""

from journeys.report.console import ConsoleReport
from journeys.report.distribution import Distribution, Run, Sample, distributions
from journeys.report.json_report import SCHEMA, overall_status, write_json
from journeys.report.junit import properties_of
from journeys.report.measure_json import write_measure_json
from journeys.report.measure_page import write_measure_page
from journeys.report.milliseconds import in_milliseconds
from journeys.report.quantiles import quantile
from journeys.report.record import JourneyRecord, StepRecord, SurfaceRecord, record_of

__all__ = [
    "SCHEMA",
    "ConsoleReport",
    "Distribution",
    "JourneyRecord",
    "Run",
    "Sample",
    "StepRecord",
    "SurfaceRecord",
    "distributions",
    "in_milliseconds",
    "overall_status",
    "properties_of",
    "quantile",
    "record_of",
    "write_json",
    "write_measure_json",
    "write_measure_page",
]
