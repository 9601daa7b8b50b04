"""Drives a Flutter app on a device, through Appium; reads page sources of Android and iOS as semantics."""

from flutter_bridge.appium.android_source import android_tree
from flutter_bridge.appium.app import AppiumApp
from flutter_bridge.appium.ios_source import ios_tree
from flutter_bridge.appium.opening import open_appium_app, open_appium_session
from flutter_bridge.appium.session import AppiumSession

__all__ = [
    "AppiumApp",
    "AppiumSession",
    "android_tree",
    "ios_tree",
    "open_appium_app",
    "open_appium_session",
]
