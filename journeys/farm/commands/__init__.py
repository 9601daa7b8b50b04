"""What `journeys farm trends`, `devices` and `release` do; printing and exit codes are the command's."""

from journeys.farm.commands.devices import release_devices, show_devices
from journeys.farm.commands.trends import show_trends

__all__ = ["release_devices", "show_devices", "show_trends"]
