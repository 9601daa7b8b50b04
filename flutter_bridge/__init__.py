"""Drives a Flutter app through its semantics, the same way on every platform.

Beside this face stand `flutter_bridge.web`, `flutter_bridge.mobile_web` and `flutter_bridge.appium`, which
open apps, and `flutter_bridge.mjpeg`, which streams a screen.
"""

from flutter_bridge.actions import ActionListener, action
from flutter_bridge.address import (
    deep_link,
    is_loopback,
    is_server_address,
    is_web_address,
    login_in,
    without_login,
)
from flutter_bridge.app import FlutterApp
from flutter_bridge.clock import Interval, now, wall_offset
from flutter_bridge.commands import run_command
from flutter_bridge.driver import Driver
from flutter_bridge.errors import (
    ActionFailed,
    AppiumMissing,
    AppUnreachable,
    BridgeError,
    BrowserMissing,
    CommandRefused,
    DeviceMissing,
    NoAnswer,
    NotFound,
    NotSetUp,
    NotSupported,
    SemanticsMissing,
)
from flutter_bridge.evidence import AppRequest, LogEntry
from flutter_bridge.finders import Finder, by, not_found_error
from flutter_bridge.frames import Frame, FrameSource
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.system_names import SystemNames
from flutter_bridge.temporary import temporary_folder
from flutter_bridge.text import as_read

__all__ = [
    "ActionFailed",
    "ActionListener",
    "AppRequest",
    "AppUnreachable",
    "AppiumMissing",
    "Box",
    "BridgeError",
    "BrowserMissing",
    "CommandRefused",
    "DeviceMissing",
    "Driver",
    "Finder",
    "FlutterApp",
    "Frame",
    "FrameSource",
    "Interval",
    "LogEntry",
    "MockedAnswer",
    "NetworkConditions",
    "NoAnswer",
    "Node",
    "NotFound",
    "NotSetUp",
    "NotSupported",
    "Role",
    "SemanticsMissing",
    "SystemNames",
    "Tree",
    "action",
    "as_read",
    "by",
    "deep_link",
    "is_loopback",
    "is_server_address",
    "is_web_address",
    "login_in",
    "not_found_error",
    "now",
    "run_command",
    "temporary_folder",
    "wall_offset",
    "without_login",
]
