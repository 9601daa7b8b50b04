"""Where on a phone's screen its browser shows pages."""

from __future__ import annotations

from dataclasses import dataclass

from appium.webdriver.webdriver import WebDriver

from flutter_bridge.errors import BridgeError


@dataclass(frozen=True, slots=True)
class Viewport:
    """A page's place on the screen: its upper left corner, and how long its units are there.

    As it is, for drivers that take the places of touches as places in the page.
    """

    left: float = 0.0
    top: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def position_on_screen(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place in the page is on the screen."""
        return self.left + x * self.across, self.top + y * self.down


def calibrate_viewport(driver: WebDriver) -> Viewport:
    """Ask XCUITest where Safari shows pages, and to photograph no more than the page.

    It shows a page of its own for that, so this comes before the app is loaded; it holds until the phone is
    turned.
    """
    driver.update_settings({"webScreenshotMode": "viewport"})
    answer = driver.execute_script("mobile: calibrateWebToRealCoordinatesTranslation")
    try:
        return Viewport(
            *(float(answer[name]) for name in ("offsetX", "offsetY", "pixelRatioX", "pixelRatioY"))
        )
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise BridgeError(f"the driver said nothing of where pages lie, but {str(answer)[:60]!r}") from error
