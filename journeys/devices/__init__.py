"""The devices journeys are played on: found or stood in for, what has to run for them, and who has which."""

from journeys.devices.devices import Devices
from journeys.devices.given import check_appiums
from journeys.devices.leasing import Leasing
from journeys.devices.marking import Played
from journeys.devices.needs import APPIUM, servers_for
from journeys.devices.place import STAND_IN, Place, find_place, stand_in_place

__all__ = [
    "APPIUM",
    "STAND_IN",
    "Devices",
    "Leasing",
    "Place",
    "Played",
    "check_appiums",
    "find_place",
    "servers_for",
    "stand_in_place",
]
