"""Opens apps on devices: a pool of sessions for each target, a stage for each journey on it."""

from journeys.devices.sessions.devices import (
    STAND_IN_LINKS,
    STAND_IN_TRANSIT_S,
    Devices,
    app_capabilities,
    browser_capabilities,
)
from journeys.devices.sessions.pool import DevicePool, Leasing
from journeys.devices.sessions.stages import (
    START_TIMEOUT_S,
    AppiumStage,
    Marking,
    MobileWebStage,
    PlayedJourney,
)

__all__ = [
    "STAND_IN_LINKS",
    "STAND_IN_TRANSIT_S",
    "START_TIMEOUT_S",
    "AppiumStage",
    "DevicePool",
    "Devices",
    "Leasing",
    "Marking",
    "MobileWebStage",
    "PlayedJourney",
    "app_capabilities",
    "browser_capabilities",
]
