"""Drives a Flutter app's web build in a browser that Appium drives: on a device, or on this machine."""

from flutter_bridge.mobile_web.opening import (
    chromium_capabilities,
    find_chromedriver,
    grid_capabilities,
    open_mobile_web_app,
)

__all__ = [
    "chromium_capabilities",
    "find_chromedriver",
    "grid_capabilities",
    "open_mobile_web_app",
]
