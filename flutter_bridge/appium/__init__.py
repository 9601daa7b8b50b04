"""Drives a Flutter app on a device, through Appium; reads page sources of Android and iOS as semantics."""

from flutter_bridge.appium.android_package import AndroidPackage, is_package, read_android_package
from flutter_bridge.appium.android_source import android_tree
from flutter_bridge.appium.connection import start_session
from flutter_bridge.appium.devices import android_home, find_adb, find_device
from flutter_bridge.appium.driver import TRANSIT_S, AppiumDriver
from flutter_bridge.appium.failures import command_errors, first_line, message_of
from flutter_bridge.appium.installation import AppiumInstallation, find_appium
from flutter_bridge.appium.ios_source import ios_tree
from flutter_bridge.appium.opening import AppiumApp, open_appium_app, open_appium_session
from flutter_bridge.appium.platform import AppiumSession
from flutter_bridge.appium.pointer_actions import hover_actions, pointer_actions
from flutter_bridge.appium.session import WebDriverSession

__all__ = [
    "TRANSIT_S",
    "AndroidPackage",
    "AppiumApp",
    "AppiumDriver",
    "AppiumInstallation",
    "AppiumSession",
    "WebDriverSession",
    "android_home",
    "android_tree",
    "command_errors",
    "find_adb",
    "find_appium",
    "find_device",
    "first_line",
    "hover_actions",
    "ios_tree",
    "is_package",
    "message_of",
    "open_appium_app",
    "open_appium_session",
    "pointer_actions",
    "read_android_package",
    "start_session",
]
