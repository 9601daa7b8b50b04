"""A stand-in's adb: the command, what it does on the host, and the shell of the phone."""

from fake_android.adb.forwards import Forwards
from fake_android.adb.host import Host
from fake_android.adb.streams import Streams

__all__ = ["Forwards", "Host", "Streams"]
