"""What `journeys farm trends`, `devices`, `release` and `test-spec` do; exit codes are the command's."""

from journeys.farm.commands.devices import release_devices, show_devices
from journeys.farm.commands.spec import show_test_spec
from journeys.farm.commands.trends import show_trends

__all__ = ["release_devices", "show_devices", "show_test_spec", "show_trends"]
