"""What tests of seams have beside the fixtures of `tests/backend_fixtures.py`: real photographs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

PHOTOGRAPHS = ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "retina.jpg", "rocket.jpg")
"""Of scikit-image's package: wide and tall, large and small, in colour and grey, as PNG and as JPEG."""


@pytest.fixture(scope="session")
def photographs() -> dict[str, bytes]:
    """Real image files by name, as cameras and editors wrote them."""
    package = find_spec("skimage")
    assert package is not None
    assert package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "data"
    return {name: (folder / name).read_bytes() for name in PHOTOGRAPHS}
