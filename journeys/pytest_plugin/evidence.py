"""Fixtures in the place of pytest-playwright's own: where results go, and what is cleared before.

Registered in every session, whatever it is about: pytest-playwright, which comes with this plugin, would
remove the whole folder that `--output` names, and all that somebody has in it.
"""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from journeys.errors import JourneysError
from journeys.pytest_plugin.attempts import ATTEMPT
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
def output_path(output_path: str, request: pytest.FixtureRequest) -> str:
    """Return the folder for an attempt's evidence, which is on the list of what the next session clears."""
    attempt = request.node.stash[ATTEMPT].number
    retry = f"-retry{attempt - 1}"
    # pytest-playwright knows of pytest-rerunfailures only.
    path = output_path if attempt == 1 or output_path.endswith(retry) else output_path + retry
    # Whoever writes there will say that this can't be done.
    with suppress(JourneysError):
        request.config.stash[SESSION].output.claim_free(Path(path).name)
    return path


@pytest.fixture(scope="session")
def _pw_artifacts_folder(pytestconfig: pytest.Config) -> tempfile.TemporaryDirectory[str]:
    """Have pytest-playwright keep what it has not yet put in its place among the results.

    A session that is killed leaves it there, on the list of what the next one clears.
    """
    output = pytestconfig.stash[SESSION].output
    name = f"unfinished-{secrets.token_hex(4)}"
    output.claim_free(name)
    (output.path / name).mkdir()
    folder = tempfile.TemporaryDirectory(dir=output.path / name, ignore_cleanup_errors=True)

    def remove() -> None:
        folder.cleanup()
        with suppress(OSError):
            (output.path / name).rmdir()

    # Once the last test's evidence has been taken out of it, which is after all fixtures' end.
    pytestconfig.add_cleanup(remove)
    return folder
