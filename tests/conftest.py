"""Asks for pytest's own way to try plugins out, and gives every test its phase of the team's process."""

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

pytest_plugins = ["pytester"]

PHASES = ("tdd_red", "tdd_green", "tdd_refactor")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.get_closest_marker(phase) for phase in PHASES):
            continue
        # A property, or a contract kept by every implementation, stays true while the code is reshaped.
        guards = (
            getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or "contract" in item.path.name
        )
        item.add_marker("tdd_refactor" if guards else "tdd_green")
