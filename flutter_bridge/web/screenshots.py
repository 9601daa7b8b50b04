"""Frames by screenshots are the same on every platform; they are known by this name too while imports move."""

from flutter_bridge.screenshots import ScreenshotFrames, Shoot

__all__ = ["ScreenshotFrames", "Shoot"]
