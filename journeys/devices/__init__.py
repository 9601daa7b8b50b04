"""The devices journeys are played on: found or stood in for, checked, and what has to run for them.

`journeys.devices.sessions` opens apps on them, `journeys.devices.leases` says who has which of them, and
`journeys.devices.providers` knows who else has some.
"""

from journeys.devices.place import APPIUM, STAND_IN, Place, find_place, servers_for, stand_in_place
from journeys.devices.preflight import check_appiums, check_device

__all__ = [
    "APPIUM",
    "STAND_IN",
    "Place",
    "check_appiums",
    "check_device",
    "find_place",
    "servers_for",
    "stand_in_place",
]
