"""Reports: consumers of the timeline, each of them one module."""

from journeys.report.console import ConsoleReport, in_milliseconds
from journeys.report.json_report import SCHEMA, overall_status, write_json
from journeys.report.junit import properties_of
from journeys.report.record import JourneyRecord, StepRecord, SurfaceRecord, record_of

__all__ = [
    "SCHEMA",
    "ConsoleReport",
    "JourneyRecord",
    "StepRecord",
    "SurfaceRecord",
    "in_milliseconds",
    "overall_status",
    "properties_of",
    "record_of",
    "write_json",
]
