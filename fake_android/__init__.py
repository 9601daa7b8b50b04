"""Takes the place of an Android phone where there is none, for the real Appium server and its real driver.

A stand-in shows the app's web build in a phone-sized Chromium and speaks for it as a device does: through an
`adb` and an on-device UiAutomator2 server. What it proves, and what only a device proves, is in
`docs/explanations/stand-in-device.md`.
"""

from fake_android.daemon import Daemon, open_daemon, token_file
from fake_android.device import InstalledApp, PhoneSetup
from fake_android.phone import Phone, open_phone
from fake_android.window import open_browser

__all__ = [
    "Daemon",
    "InstalledApp",
    "Phone",
    "PhoneSetup",
    "open_browser",
    "open_daemon",
    "open_phone",
    "token_file",
]
