"""Fixtures in the place of pytest-playwright's own: where results go, and what is cleared before.

Registered in every session, whatever it is about: pytest-playwright, which comes with this plugin, would
remove the whole folder that `--output` names, and all that somebody has in it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from journeys.errors import JourneysError
from journeys.pytest_plugin.session import SESSION


@pytest.fixture(scope="session", autouse=True)
def delete_output_dir(request: pytest.FixtureRequest) -> None:
    """Clear the results folder of what earlier sessions wrote, once for each session that will fill it.

    Not once for each of pytest-xdist's workers, who would clear away each other's; and not for unit tests,
    which would clear away the last journeys' results.
    """
    if any("browser_name" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.config.stash[SESSION].open_results()


@pytest.fixture
def output_path(output_path: str, pytestconfig: pytest.Config) -> str:
    """Return the folder for a test's evidence, which is on the list of what the next session clears."""
    # Whoever writes there will say that this can't be done.
    with suppress(JourneysError):
        pytestconfig.stash[SESSION].output.claim_free(Path(output_path).name)
    return output_path
