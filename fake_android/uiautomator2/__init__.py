"""A stand-in's UiAutomator2 server: what the real one answers on a phone, for the real driver to ask."""

from fake_android.uiautomator2.server import LARGEST_BODY, Server

__all__ = ["LARGEST_BODY", "Server"]
