"""Where devices come from: small templates for Appium servers, grids and clouds, and a check of each.

They know targets by a protocol only, so that targets may use them.
"""

from journeys.farm.providers.aws_device_farm import aws_test_spec
from journeys.farm.providers.known import PROVIDERS, WITHOUT_APPIUM, check, check_settings, mark, template
from journeys.farm.providers.provider import MarksSessions, Provided, Provider, Template, Unfit

__all__ = [
    "PROVIDERS",
    "WITHOUT_APPIUM",
    "MarksSessions",
    "Provided",
    "Provider",
    "Template",
    "Unfit",
    "aws_test_spec",
    "check",
    "check_settings",
    "mark",
    "template",
]
