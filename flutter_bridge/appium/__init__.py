"""Reads what Appium says of a Flutter app on a device: page sources of Android and iOS, as semantics."""

from flutter_bridge.appium.android_source import android_tree
from flutter_bridge.appium.ios_source import ios_tree

__all__ = ["android_tree", "ios_tree"]
