"""Test data in files: scenarios with a version, checked by line, migrated, compared, and loaded by a kit.

A scenario is a TOML file of collections of records. What the collections and their fields are, what they may
hold and how they come into a backend is said by a kit in a `DataFormat`; `[tool.journeys] data` names it.
"""

from journeys.data.differences import describe_differences
from journeys.data.drawing import DrawnPicture
from journeys.data.files import find_scenarios, read_format
from journeys.data.format import (
    DataFormat,
    Migration,
    Problem,
    Progress,
    Scenario,
    Unmigratable,
    write_schema,
)
from journeys.data.migration import migrate
from journeys.data.reading import read_scenario
from journeys.data.source import InvalidScenario, Source, read_source

__all__ = [
    "DataFormat",
    "DrawnPicture",
    "InvalidScenario",
    "Migration",
    "Problem",
    "Progress",
    "Scenario",
    "Source",
    "Unmigratable",
    "describe_differences",
    "find_scenarios",
    "migrate",
    "read_format",
    "read_scenario",
    "read_source",
    "write_schema",
]
