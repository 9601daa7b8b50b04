"""pytest-xdist: the controller starts the servers once, and tells its workers where they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from journeys.pytest_plugin.session import JourneySession

_ADDRESSES = "journeys_addresses"


class XdistGlue:
    """Hooks that only matter where pytest-xdist is installed."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session

    # Before pytest-xdist starts its workers, which it does last of all.
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start the servers for all workers, or learn from the controller where they are."""
        session = self._session
        if session.is_worker:
            session.addresses = dict(session.config.workerinput.get(_ADDRESSES, {}))  # type: ignore[attr-defined]  # xdist adds it
            return
        if session.config.getoption("dist", "no") == "no" or session.config.getoption("collectonly"):
            return
        if _will_run_journeys(session):
            session.wanted = True
            # Here, for each worker would clear away what the others have already saved.
            session.open_results()
            session.start_servers(workers=len(session.config.getoption("tx")) or 1)
            session.say_started(None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where the servers are."""
        node.workerinput[_ADDRESSES] = dict(self._session.addresses)


def _will_run_journeys(session: JourneySession) -> bool:
    """Guess, before anything is collected, by the options and the folders asked for."""
    config = session.config
    named = config.getoption("--journey-target") or config.getoption("--journey-cast")
    if named or session.cells is not None or not session.concerned:
        return session.concerned
    folders = [session.configuration.root / path for path in session.configuration.paths]
    asked = [Path(config.invocation_params.dir, str(arg).partition("::")[0]) for arg in config.args]
    return any(
        path.is_relative_to(folder) or folder.is_relative_to(path) for path in asked for folder in folders
    )
