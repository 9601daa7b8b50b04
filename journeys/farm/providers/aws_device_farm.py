"""AWS Device Farm: on its test host beside the phone, or through the Appium endpoint of a remote session."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from journeys.farm.providers.appium_server import status
from journeys.farm.providers.provider import PHONES, Provided, Template, Unfit
from journeys.farm.providers.settings import address

ENDPOINT = "AWS_DEVICE_FARM_APPIUM_URL"
ON_HOST = "http://127.0.0.1:4723"
"""Where the test spec starts Appium on the test host."""

_HINT = (
    "run it on Device Farm's test host, with what `journeys farm test-spec` prints, "
    f"or set {ENDPOINT} to the Appium endpoint of a remote access session"
)


class AwsDeviceFarm:
    """On the test host the phone, the app and Appium are those of the run; elsewhere the endpoint's."""

    name = "aws-device-farm"
    options: Mapping[str, type] = {"url": str}
    platforms = PHONES
    by_id = True
    prefixes: frozenset[str] | None = frozenset()
    variables: tuple[str, ...] = (ENDPOINT,)

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:
        """Take the phone of the test host, else the endpoint that the environment names."""
        phone = environment.get("DEVICEFARM_DEVICE_UDID")
        if phone is not None:
            platform = environment.get("DEVICEFARM_DEVICE_PLATFORM_NAME", "").casefold()
            if platform and platform != target.platform:
                raise Unfit("platform", f"this test host of AWS Device Farm has a phone with {platform}")
            return Template(
                appium_url=address(target, ON_HOST),
                capabilities={},
                devices=(phone,),
                # The endpoint's app, or one named by its id, needs no file.
                app=target.app or environment.get("DEVICEFARM_APP_PATH"),
            )
        endpoint = environment.get(ENDPOINT)
        if not endpoint and target.appium_url is None and "url" not in target.provider_options:
            raise Unfit("provider", f"{self.name}: there is no phone here: {_HINT}")
        return Template(appium_url=address(target, endpoint), capabilities={})

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - none needed
        """Ask for the server's status."""
        status(target, "AWS Device Farm's Appium", closed=True)


def aws_test_spec(target: str = "aws") -> str:
    """Return the test spec file (YAML) with which AWS Device Farm plays journeys on a target's phone."""
    spec = files(__package__).joinpath("aws_test_spec.yml").read_text(encoding="utf-8")
    return spec.replace("--target aws ", f"--target {target} ")
