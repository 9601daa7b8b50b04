"""A project that knows nothing of journeys, on a machine where they are installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run


def test_it_is_not_disturbed(pytester: pytest.Pytester, here: Project, within: Run) -> None:
    pytester.makepyprojecttoml(
        "[tool.pytest.ini_options]\nasyncio_default_fixture_loop_scope = 'function'\n"
        "addopts = ['--strict-markers', '-p', 'no:randomly', '-p', 'no:hypothesispytest']"
    )
    here.report_file.parent.mkdir()
    pytester.makepyfile(
        test_it="""
        import pytest

        def test_passes(): pass
        def test_fails(): assert 1 == 2

        def test_no_browser_fixture_is_replaced(pytestconfig):
            assert not pytestconfig.pluginmanager.hasplugin("journeys-browser")
        """
    )
    for more in ([], ["-n", "2"]):
        result = within(*more)
        result.assert_outcomes(passed=2, failed=1)
        assert result.ret == 1
        assert not here.report_file.exists()
    assert not (here.path / ".journeys").exists()


def test_it_pays_for_nothing_it_does_not_use() -> None:
    heavy = {"numpy", "playwright", "httpx", "rich", "journeys.pictures", "journeys.pytest_plugin.session"}
    script = "import sys, journeys.pytest_plugin; print(*sys.modules)"
    output = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert "journeys.pytest_plugin.options" in output.split()
    assert not heavy & set(output.split())
