"""A stand-in's adb: the command, what it does on the host, and the shell of the phone."""

from fake_android.adb import client
from fake_android.adb.host import Host
from fake_android.adb.shell import Streams

__all__ = ["Host", "Streams", "client"]
