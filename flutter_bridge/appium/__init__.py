"""Reads what Appium says of a Flutter app on a device: page sources, as semantics."""

from flutter_bridge.appium.android_source import android_tree

__all__ = ["android_tree"]
