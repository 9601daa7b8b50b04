"""How high the system's bar above an app is, as each platform's driver says it."""

from __future__ import annotations

import pytest

from flutter_bridge.appium.android import Android
from flutter_bridge.appium.ios import IOS


@pytest.mark.parametrize(("said", "height"), [(63, 24.0), ("63", 24.0), (0, 0.0), (None, 0.0)])
def test_android_says_it_in_physical_pixels(said: object, height: float) -> None:
    answered = {"appPackage": "dev.sample", "pixelRatio": "2.625", "statBarHeight": said}
    assert Android().device(answered).status_bar == height


@pytest.mark.parametrize(("said", "height"), [(47, 47.0), (0, 0.0), (None, 0.0), ("47", 0.0)])
def test_ios_says_it_in_points(said: object, height: float) -> None:
    answered = {"bundleId": "dev.sample", "pixelRatio": 3, "statBarHeight": said}
    assert IOS().device(answered).status_bar == height
