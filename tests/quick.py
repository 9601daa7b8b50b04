"""`./run test --quick`: of all tests those that start nothing, for the inner loop."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

SLOW_TO_START = {
    "appium_server",
    "backend_url",
    "chromium",
    "database_server",
    "playwright",
    "postgres",
    "s3_address",
    "sample_app",
}
"""Fixtures that start a browser, a phone, a database or a server: what needs one isn't even collected."""

LONG = {
    "app_backend": "intake",
    "docs": "faces",
    "embedded_postgres": "embedded_postgres",
    "examples": "chat_command",
    "fake_android": "adb daemon_process phone_input phone_system_ui translation",
    "flutter_app": "command",
    "flutter_bridge/appium": "no_session photos",
    "flutter_bridge": "android_evidence commands flutter_app_contract mobile_web web_frames",
    "guides": "first_journeys",
    "integration": "backend_process_integration worker_processes_integration",
    "journeys/cli": "cli measure_verb review_verb run_trouble",
    "journeys/data": "drawn_pictures scenario_loading",
    "journeys/devices": "faults marking",
    "journeys/nightly": "lease_kills nightly_run",
    "journeys/plan": "bisect plan_verb plan_sessions",
    "journeys/pictures": (
        "defects engine_drawings finding nearest_pictures photographs picture_book recognition "
        "recognition_matrix"
    ),
    "journeys/propagation": (
        "covered_surface expecting_anything measured_interval measured_truth name_change "
        "order_and_clocks picture_change"
    ),
    "journeys/pytest_plugin": (
        "plugin_console plugin_devices plugin_evidence plugin_failing plugin_outcomes plugin_output "
        "plugin_pictures plugin_repeat plugin_reruns plugin_secrets plugin_servers"
    ),
    "journeys/review": "review_static",
    "journeys/snapshots": "capture checks",
    "journeys": "backend_client",
    "mutations": "mutations",
    "picture_reader": "three_readers",
    "shell": "run_interrupted",
    "standard": "server_standard",
}
"""Modules of tests, by folder, that take long by what they are about: a third of a second a test, or seven
seconds in all, on two cores that do nothing else."""

STARTS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
"""Events of the interpreter's by which a test that starts a process is known, and skipped."""

REASON = "starts a process, which --quick leaves out"


class Quick:
    """Leaves out tests that take long, or start a browser, a phone, a database or any other process."""

    def __init__(self) -> None:
        self._running = False
        self._has_started = False
        sys.addaudithook(self._hear)  # for good: there is no taking one away

    def _hear(self, event: str, _: object) -> None:
        # Inside a loop, or a thread, others would wait for what doesn't come: there it may start.
        if (
            self._running
            and event in STARTS
            and asyncio._get_running_loop() is None
            and threading.current_thread() is threading.main_thread()
        ):
            self._has_started = True
            raise pytest.skip.Exception(REASON)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        slow = [item for item in items if is_slow(item)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not is_slow(item)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self._running, self._has_started = True, False
        try:
            return (yield)
        finally:
            self._running = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Call it skipped also where the skip came as a part of something else, such as a group of errors."""
        report = yield
        if self._has_started and report.outcome != "passed":
            report.outcome, report.longrepr = "skipped", (__file__, 1, REASON)
        return report


def is_slow(item: pytest.Item) -> bool:
    """Whether it is known before it runs that a test is none for the inner loop."""
    fixtures = set(getattr(item, "fixturenames", ()))
    folder, name = item.path.parent.relative_to(TESTS).as_posix(), item.path.stem.removeprefix("test_")
    return bool(
        fixtures & SLOW_TO_START or item.get_closest_marker("long") or name in LONG.get(folder, "").split()
    )
