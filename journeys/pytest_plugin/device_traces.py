"""Traces of apps on devices, where `--tracing` asks for them: Playwright keeps those of the web only."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from journeys.errors import error_from_system
from journeys.pytest_plugin.attempts import ATTEMPT
from journeys.pytest_plugin.collection import TIMELINE, casting_of
from journeys.pytest_plugin.session import SESSION
from journeys.report import write_device_traces
from journeys.timeline import JourneyEnded


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a journey's traces once its apps are closed and have left their screens and logs."""
    report = yield
    # An option of pytest-playwright's, which need not be loaded.
    wanted = item.config.getoption("tracing", "off")
    if call.when != "teardown" or wanted == "off":
        return report
    timeline, folder = item.stash.get(TIMELINE, None), getattr(item, "funcargs", {}).get("output_path")
    # Of a journey that was skipped before it began nothing is on the timeline.
    if timeline is None or folder is None or not timeline.events_of(JourneyEnded):
        return report
    name, failed = casting_of(item), item.stash[ATTEMPT].failed is not False
    if name and (wanted == "on" or report.failed or failed):
        casting = item.config.stash[SESSION].spec.casting(name)
        devices = {target.name for target in casting.targets if target.platform != "web"}
        try:
            write_device_traces(Path(folder), timeline, targets=devices)
        except OSError as error:
            lost = error_from_system(error, f"traces can't be written to {folder}")
            report.sections.append(("Traces", str(lost)))
    return report
