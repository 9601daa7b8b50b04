"""A stand-in's UiAutomator2 server: what the real one answers on a phone, for the real driver to ask."""

from flutter_bridge.standin.uiautomator2.server import Server

__all__ = ["Server"]
