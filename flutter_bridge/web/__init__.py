"""Drives a Flutter app's web build in a browser, through Playwright."""

from flutter_bridge.errors import DocumentReplaced
from flutter_bridge.web.browser import (
    QUIET_ARGUMENTS,
    find_browser,
    is_document_replaced,
    launch_arguments,
    launch_failure,
    launch_options,
)
from flutter_bridge.web.console import listen_to_console
from flutter_bridge.web.dom import PageReading, parse
from flutter_bridge.web.driver import BrowserDriver
from flutter_bridge.web.opening import NewContext, WebApp, open_web_app
from flutter_bridge.web.page import SCRIPT, Document
from flutter_bridge.web.page_network import emulation_of
from flutter_bridge.web.placement import SEPARATOR
from flutter_bridge.web.playwright_page import PlaywrightPage
from flutter_bridge.web.screencast import Screencast, heartbeat_rate, presentation_time, usable_cores

__all__ = [
    "QUIET_ARGUMENTS",
    "SCRIPT",
    "SEPARATOR",
    "BrowserDriver",
    "Document",
    "DocumentReplaced",
    "NewContext",
    "PageReading",
    "PlaywrightPage",
    "Screencast",
    "WebApp",
    "emulation_of",
    "find_browser",
    "heartbeat_rate",
    "is_document_replaced",
    "launch_arguments",
    "launch_failure",
    "launch_options",
    "listen_to_console",
    "open_web_app",
    "parse",
    "presentation_time",
    "usable_cores",
]
