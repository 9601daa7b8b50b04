"""`pytest e2e` plays the journeys of the reference app, collected where they are written.

The plugin brings `cast` and `pictures`, and pytest-playwright the browser.
"""

from pathlib import Path

import pytest

_KIT = Path(__file__).parents[1] / "journeys" / "profile"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the package of the journeys in place of this file."""
    return pytest.Package.from_parent(parent, path=_KIT) if file_path == Path(__file__) else None
