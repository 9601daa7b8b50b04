"""The pytest plugin: pytest is the one runner underneath, whoever calls it.

It collects journeys wherever a test module defines or imports one, starts what they run against, gives them
`cast` and `pictures`, and writes `journeys.json`. Most sessions on a machine run no journey: `options` tells
whether this one does, and `attempts` has results go where nobody's files are. Only where it does, the rest is
imported and registered by `session`: what is collected, the fixtures, the reports.
"""

from journeys.pytest_plugin.options import (
    Handover,
    pytest_addoption,
    pytest_configure,
    pytest_load_initial_conftests,
    pytest_pycollect_makeitem,
)

__all__ = [
    "Handover",
    "pytest_addoption",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "pytest_pycollect_makeitem",
]
