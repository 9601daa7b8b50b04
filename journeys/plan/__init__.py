"""A test plan that runs itself: its seams and their tests, what breaks which test, its scenarios."""

from typing import TYPE_CHECKING

from journeys.lazy_face import import_on_demand

if TYPE_CHECKING:
    from journeys.plan.bisection import Bisection, Finding, bisect
    from journeys.plan.records import (
        PlanRecord,
        read_junit,
        read_record,
        record_file,
        tests_of_record,
    )
    from journeys.plan.scenarios import differences, format_scenarios
    from journeys.plan.seams import (
        MUST_BE_TESTED,
        PRIORITIES,
        Seam,
        SeamPlan,
        UnsoundPlan,
        missing_files,
        read_plan,
    )
    from journeys.plan.sessions import PytestRunner, RecordedTest
    from journeys.plan.status import PlanStatus, SeamStatus, format_markdown, read_status
    from journeys.plan.suite import format_run, run_plan
else:
    __getattr__ = import_on_demand(
        __name__,
        {
            "bisection": "Bisection Finding bisect",
            "records": "PlanRecord read_junit read_record record_file tests_of_record",
            "scenarios": "differences format_scenarios",
            "seams": "MUST_BE_TESTED PRIORITIES Seam SeamPlan UnsoundPlan missing_files read_plan",
            "sessions": "PytestRunner RecordedTest",
            "status": "PlanStatus SeamStatus format_markdown read_status",
            "suite": "format_run run_plan",
        },
    )

__all__ = [
    "MUST_BE_TESTED",
    "PRIORITIES",
    "Bisection",
    "Finding",
    "PlanRecord",
    "PlanStatus",
    "PytestRunner",
    "RecordedTest",
    "Seam",
    "SeamPlan",
    "SeamStatus",
    "UnsoundPlan",
    "bisect",
    "differences",
    "format_markdown",
    "format_run",
    "format_scenarios",
    "missing_files",
    "read_junit",
    "read_plan",
    "read_record",
    "read_status",
    "record_file",
    "run_plan",
    "tests_of_record",
]
