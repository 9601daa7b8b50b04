"""Frames of a device from the MJPEG stream that UiAutomator2 and WebDriverAgent send."""

from flutter_bridge.mjpeg.stream import Change, MjpegFrames, measure_delay, measure_transit, mjpeg_frames

__all__ = ["Change", "MjpegFrames", "measure_delay", "measure_transit", "mjpeg_frames"]
