"""Frames of a device from the MJPEG stream that UiAutomator2 and WebDriverAgent send."""

from flutter_bridge.mjpeg.calibration import Change, measured_delay, measured_transit
from flutter_bridge.mjpeg.stream import MjpegFrames, mjpeg_frames

__all__ = ["Change", "MjpegFrames", "measured_delay", "measured_transit", "mjpeg_frames"]
