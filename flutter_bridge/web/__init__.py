"""Drives a Flutter app's web build in a browser, through Playwright."""

from flutter_bridge.address import is_loopback
from flutter_bridge.screenshots import ScreenshotFrames
from flutter_bridge.web.app import WebApp
from flutter_bridge.web.browser import find_browser, launch_arguments, launch_failure, launch_options
from flutter_bridge.web.dom import Snapshot, parse
from flutter_bridge.web.opening import NewContext, open_web_app
from flutter_bridge.web.screencast import Screencast

__all__ = [
    "NewContext",
    "Screencast",
    "ScreenshotFrames",
    "Snapshot",
    "WebApp",
    "find_browser",
    "is_loopback",
    "launch_arguments",
    "launch_failure",
    "launch_options",
    "open_web_app",
    "parse",
]
