"""Which of an emulator's networks stands for a speed asked for."""

from __future__ import annotations

import pytest

from flutter_bridge import NetworkConditions
from flutter_bridge.appium.android import network_speed


@pytest.mark.parametrize(
    ("kbps", "name"),
    [(None, "full"), (20_000.0, "hsdpa"), (500.0, "edge"), (400.0, "umts"), (50.0, "hscsd"), (1.0, "gsm")],
)
def test_the_fastest_network_that_is_no_faster_is_taken(kbps: float | None, name: str) -> None:
    assert network_speed(NetworkConditions(kbps=kbps)) == name
