"""The pytest plugin: pytest is the one runner underneath, whoever calls it.

It collects journeys wherever a test module defines or imports one, starts what they run against, gives them
`cast` and `pictures`, and writes `journeys.json`. Options are in `options`, fixtures in `fixtures`, what one
session keeps in `session`.
"""

from journeys.pytest_plugin.attempts import pytest_runtest_call, pytest_runtest_setup
from journeys.pytest_plugin.collection import (
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_generate_tests,
    pytest_keep_cells,
    pytest_pycollect_makeitem,
)
from journeys.pytest_plugin.fixtures import (
    cast,
    journey_backend,
    journey_devices,
    journey_photographs,
    journey_target,
    observers,
    pictures,
    stage_for,
    timeline,
)
from journeys.pytest_plugin.options import pytest_addoption, pytest_configure
from journeys.pytest_plugin.redacting import pytest_load_initial_conftests, pytest_make_collect_report
from journeys.pytest_plugin.results import pytest_runtest_makereport

__all__ = [
    "cast",
    "journey_backend",
    "journey_devices",
    "journey_photographs",
    "journey_target",
    "observers",
    "pictures",
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_keep_cells",
    "pytest_load_initial_conftests",
    "pytest_make_collect_report",
    "pytest_pycollect_makeitem",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "stage_for",
    "timeline",
]
