"""A stand-in's UiAutomator2 server: what the real one answers on a phone, for the real driver to ask."""

from fake_android.uiautomator2.server import MAX_BODY_BYTES, UiAutomatorServer

__all__ = ["MAX_BODY_BYTES", "UiAutomatorServer"]
