"""Load: a crowd of virtual users on a backend, and what real people with browsers see meanwhile."""

from journeys.load.baseline import compare, read_baseline, write_baseline
from journeys.load.page import write_load_page
from journeys.load.results import LoadResult, Range, StepResult
from journeys.load.run import LoadOptions, run_load
from journeys.load.virtual_user import RequestFailed, VirtualUser
from journeys.load.workload import Activity, Workload, load_workload, require_allowed

__all__ = [
    "Activity",
    "LoadOptions",
    "LoadResult",
    "Range",
    "RequestFailed",
    "StepResult",
    "VirtualUser",
    "Workload",
    "compare",
    "load_workload",
    "read_baseline",
    "require_allowed",
    "run_load",
    "write_baseline",
    "write_load_page",
]
