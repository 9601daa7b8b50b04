"""The journeys a project has, as its configuration names their modules."""

from __future__ import annotations

import sys
from importlib import import_module

from journeys.configuration import Configuration
from journeys.errors import SetupError
from journeys.journey import Journey, registered_journeys


def load_journeys(configuration: Configuration) -> list[Journey]:
    """Import the modules the configuration names and return the journeys they register."""
    # As with `python -m`: a project's own modules are found from its folder without being installed.
    root = str(configuration.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    for module in configuration.journeys:
        try:
            import_module(module)
        except Exception as error:
            raise SetupError(
                f"the journeys in {module!r} can't be imported: {type(error).__name__}: {error};"
                " mend it, or name another in [tool.journeys] journeys"
            ) from error
    return registered_journeys()
