"""Drives a Flutter app through its semantics, the same way on every platform."""

from flutter_bridge.app import FlutterApp
from flutter_bridge.clock import Interval, now, wall_offset
from flutter_bridge.errors import (
    ActionFailed,
    AppiumMissing,
    AppUnreachable,
    BridgeError,
    BrowserMissing,
    DeviceMissing,
    NoAnswer,
    NotFound,
    NotSetUp,
    SemanticsMissing,
)
from flutter_bridge.finders import Finder, by
from flutter_bridge.frames import Frame, FrameSource
from flutter_bridge.mjpeg import mjpeg_frames
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.system_names import SystemNames
from flutter_bridge.text import as_read

__all__ = [
    "ActionFailed",
    "AppUnreachable",
    "AppiumMissing",
    "Box",
    "BridgeError",
    "BrowserMissing",
    "DeviceMissing",
    "Finder",
    "FlutterApp",
    "Frame",
    "FrameSource",
    "Interval",
    "NoAnswer",
    "Node",
    "NotFound",
    "NotSetUp",
    "Role",
    "SemanticsMissing",
    "SystemNames",
    "Tree",
    "as_read",
    "by",
    "mjpeg_frames",
    "now",
    "wall_offset",
]
