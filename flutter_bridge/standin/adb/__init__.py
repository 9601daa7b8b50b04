"""A stand-in's adb: the command, what it does on the host, and the shell of the phone."""

from flutter_bridge.standin.adb.forwards import Forwards
from flutter_bridge.standin.adb.host import Host
from flutter_bridge.standin.adb.streams import Streams

__all__ = ["Forwards", "Host", "Streams"]
