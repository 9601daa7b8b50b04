"""What the commands of `journeys farm` besides the night's own do; exit codes are the command's."""

from journeys.farm.commands.devices import release_devices, show_devices
from journeys.farm.commands.forget import forget_nights
from journeys.farm.commands.spec import show_test_spec
from journeys.farm.commands.trends import show_trends

__all__ = ["forget_nights", "release_devices", "show_devices", "show_test_spec", "show_trends"]
