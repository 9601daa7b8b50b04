"""A session's settings: the server's own defaults, and what may be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_android.refusals import Refusal
from fake_android.uiautomator2.answers import InvalidArgument

DEFAULTS: Mapping[str, Any] = {
    "actionAcknowledgmentTimeout": 3000,
    "allowInvisibleElements": False,
    "alwaysTraversableViewClasses": "",
    "currentDisplayId": 0,
    "disableIdLocatorAutocompletion": False,
    "elementResponseAttributes": "name,text",
    "enableMultiWindows": False,
    "enableNotificationListener": True,
    "enableTopmostWindowFromActivePackage": False,
    "enforceXPath1": False,
    "ignoreUnimportantViews": False,
    "includeExtrasInPageSource": False,
    "keyInjectionDelay": 0,
    "limitXPathContextScope": True,
    "mjpegBilinearFiltering": False,
    "mjpegScalingFactor": 50,
    "mjpegServerFramerate": 10,
    "mjpegServerPort": 7810,
    "mjpegServerScreenshotQuality": 50,
    "normalizeTagNames": False,
    "scrollAcknowledgmentTimeout": 200,
    "serverPort": 6790,
    "shouldUseCompactResponses": True,
    "simpleBoundsCalculation": False,
    "snapshotMaxDepth": 70,
    "trackScrollEvents": True,
    "useResourcesForOrientationDetection": False,
    "waitForIdleTimeout": 10_000,
    "waitForSelectorTimeout": 10_000,
}

RANGES = {
    "mjpegScalingFactor": (1, 100),
    "mjpegServerFramerate": (1, 60),
    "mjpegServerScreenshotQuality": (0, 100),
    "snapshotMaxDepth": (1, 500),
    "waitForIdleTimeout": (0, 2**31),
    "waitForSelectorTimeout": (0, 2**31),
}


class UnsupportedSetting(Refusal):
    """The server has no setting of that name."""

    error = "unsupported operation"


def changed(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with some changed; raises `Refusal` for one that is unknown or out of bounds."""
    return {**settings, **{name: _checked(name, value) for name, value in changes.items()}}


def _checked(name: str, value: Any) -> Any:
    default = DEFAULTS.get(name)
    if default is None:
        raise UnsupportedSetting(f"Setting '{name}' is not supported. Known settings: {', '.join(DEFAULTS)}")
    if isinstance(default, int) and not isinstance(default, bool) and isinstance(value, float):
        value = int(value)
    if type(value) is not type(default):
        got, expected = type(value).__name__, type(default).__name__
        raise InvalidArgument(f"Invalid setting value type. Got: {got}. Expected: {expected} ({name})")
    if name not in RANGES:
        return value
    low, high = RANGES[name]
    if not low <= value <= high:
        raise InvalidArgument(
            f"Invalid {name} value specified, must be in range {low}..{high}. {value} was given"
        )
    return value
