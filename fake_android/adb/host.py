"""What adb does on the host: finds the phone a command is for, and does what it says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fake_android.adb.forwards import Forwards
from fake_android.adb.logcat import logcat
from fake_android.adb.packages import install, uninstall
from fake_android.adb.properties import MODEL
from fake_android.adb.shell import Program, run_line
from fake_android.adb.streams import Streams
from fake_android.attached import Attached
from fake_android.device import DeviceGone
from flutter_bridge import BridgeError

VERSION = "Android Debug Bridge version 1.0.41\nVersion 35.0.2-stand-in"
PORT = re.compile(r"tcp:(\d{1,5})")
LARGEST_FILE = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Order:
    """An adb command line: the global options, the verb, its arguments, the folder it was given in."""

    serial: str | None
    verb: str
    arguments: list[str]
    folder: Path

    @classmethod
    def read(cls, words: list[str], folder: Path) -> Order:
        """Take the global options off a command line; raises `ValueError` with one that isn't known."""
        rest = list(words)
        serial = None
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option in {"-s", "-t", "-H", "-P", "-L"}:
                if not rest:
                    raise ValueError(f"adb: {option} requires an argument")
                value = rest.pop(0)
                serial = value if option == "-s" else serial
            elif option == "--version":
                rest.insert(0, "version")
            elif option not in {"-a", "-d", "-e"}:
                raise ValueError(f"adb: unknown option {option}")
        return cls(serial, rest[0] if rest else "help", rest[1:], folder)


class Host:
    """The adb of the machine that the phones are plugged into."""

    def __init__(self, phones: Mapping[str, Attached], programs: Mapping[str, Program]) -> None:
        self.phones = phones
        self.forwards = Forwards()
        self._programs = programs

    async def run(self, words: list[str], folder: Path, streams: Streams) -> int:
        """Run one command; return its exit code."""
        try:
            order = Order.read(words, folder)
        except ValueError as error:
            streams.err(str(error))
            return 1
        match order.verb, order.arguments:
            case "devices", flags:
                self._devices("-l" in flags, streams)
            case "version", _:
                streams.out(VERSION)
            case (("start-server" | "reconnect"), _):
                pass
            case "kill-server", _:
                await self.forwards.remove_all()
            case "features" | "host-features", _:
                streams.out("shell_v2\ncmd")
            case "help", _:
                streams.out(VERSION)
            case "forward", ["--list"]:
                for phone, port, target in self.forwards:
                    streams.out(f"{phone.serial} tcp:{port} tcp:{target}")
            case _:
                return await self._on_phone(order, streams)
        return 0

    def _devices(self, long: bool, streams: Streams) -> None:
        streams.out("List of devices attached")
        for number, phone in enumerate(self.phones.values(), start=1):
            if phone.plugged:
                more = (
                    f" product:stand_in model:{MODEL} device:stand_in transport_id:{number}" if long else ""
                )
                streams.out(f"{phone.serial}\tdevice{more}")
        streams.out("")

    def _phone(self, serial: str | None) -> Attached:
        plugged = [phone for phone in self.phones.values() if phone.plugged]
        if serial is not None:
            for phone in plugged:
                if phone.serial == serial:
                    return phone
            raise DeviceGone(f"device '{serial}' not found")
        if not plugged:
            raise DeviceGone("no devices/emulators found")
        if len(plugged) > 1:
            raise DeviceGone("more than one device/emulator")
        return plugged[0]

    async def _on_phone(self, order: Order, streams: Streams) -> int:
        try:
            phone = self._phone(order.serial)
        except DeviceGone as error:
            if order.verb.startswith("wait-for-"):
                await self._wait(order)
                return 0
            streams.err(f"adb: {error}" if "more than" in str(error) else f"error: {error}")
            return 1
        command = asyncio.ensure_future(self._run(phone, order, streams))
        cable = asyncio.ensure_future(phone.unplugged.wait())
        try:
            await asyncio.wait({command, cable}, return_when=asyncio.FIRST_COMPLETED)
            code = command.result() if command.done() else None
        except DeviceGone:
            phone.unplug()
            streams.err(f"error: device '{phone.serial}' not found")
            return 1
        except (BridgeError, OSError, ValueError) as error:
            # Nobody serves the app, say, or a path leads out of the phone's files.
            streams.err(f"error: {error}")
            return 1
        finally:
            command.cancel()
            cable.cancel()
            await asyncio.gather(command, cable, return_exceptions=True)
        if code is None:
            streams.err("error: closed")
            return 1
        return code

    async def _wait(self, order: Order) -> None:
        while True:
            try:
                self._phone(order.serial)
            except DeviceGone:
                await asyncio.sleep(0.1)
            else:
                return

    async def _run(self, phone: Attached, order: Order, streams: Streams) -> int:
        arguments = order.arguments
        match order.verb:
            case "shell" | "exec-out":
                code = await self._shell(phone, arguments, streams)
            case "forward":
                code = await self._forward(phone, arguments, streams)
            case "install":
                code = await install(phone, [_absolute(each, order.folder) for each in arguments], streams)
            case "uninstall":
                code = await uninstall(phone, arguments, streams)
            case "push" | "pull":
                copy = _push if order.verb == "push" else _pull
                code = await copy(phone, arguments, order.folder, streams)
            case "logcat":
                code = await logcat(phone, arguments, streams)
            case verb:
                code = _answered(phone, verb, streams)
        return code

    async def _shell(self, phone: Attached, words: list[str], streams: Streams) -> int:
        while words[:1] in (["-t"], ["-T"], ["-x"], ["-n"]):
            words = words[1:]
        if not words:
            streams.err("adb: a stand-in has no interactive shell: give it a command")
            return 1
        if words[:1] == ["screencap"]:
            streams.stdout(await phone.device.screenshot())
            return 0
        return await run_line(phone, " ".join(words), streams, self._programs)

    async def _forward(self, phone: Attached, arguments: list[str], streams: Streams) -> int:
        match arguments:
            case ["--remove-all"]:
                await self.forwards.remove_all(phone)
            case ["--remove", local]:
                port = PORT.fullmatch(local)
                if port is None or not await self.forwards.remove(int(port[1])):
                    streams.err(f"adb: error: listener '{local}' not found")
                    return 1
            case [local, remote] | ["--no-rebind", local, remote]:
                here, there = PORT.fullmatch(local), PORT.fullmatch(remote)
                if here is None or there is None:
                    streams.err(
                        f"adb: error: a stand-in forwards tcp:PORT to tcp:PORT, not {local} to {remote}"
                    )
                    return 1
                try:
                    streams.out(str(await self.forwards.add(phone, int(here[1]), int(there[1]))))
                except (OSError, OverflowError) as error:
                    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
                    streams.err(f"adb: error: cannot bind listener: cannot listen on {local}: {reason}")
                    return 1
            case _:
                streams.err("adb: forward takes two arguments")
                return 1
        return 0


ANSWERS = {
    "get-state": "device",
    "root": "adbd cannot run as root in production builds",
    "wait-for-device": "",
    "wait-for-usb-device": "",
    "wait-for-any-device": "",
}
REFUSALS = {
    "reverse": "adb: error: a stand-in reaches this machine's ports without reverse",
    "emu": "adb: emu command only works with an emulator",
}


def _answered(phone: Attached, verb: str, streams: Streams) -> int:
    if verb in REFUSALS:
        streams.err(REFUSALS[verb])
        return 1
    answer = phone.serial if verb == "get-serialno" else ANSWERS.get(verb)
    if answer is None:
        streams.err(f"adb: unknown command {verb}")
        return 1
    if answer:
        streams.out(answer)
    return 0


def _absolute(argument: str, folder: Path) -> str:
    return argument if argument.startswith("-") else str(folder / argument)


async def _push(phone: Attached, arguments: list[str], folder: Path, streams: Streams) -> int:
    match [each for each in arguments if each not in {"-p", "--sync", "-z", "-Z"}]:
        case [local, remote]:
            pass
        case _:
            streams.err("adb: push requires a file and where to put it")
            return 1
    source = folder / local
    if not source.is_file():
        streams.err(f"adb: error: cannot stat '{local}': No such file or directory")
        return 1
    if source.stat().st_size > LARGEST_FILE:
        streams.err(f"adb: error: failed to copy '{local}' to '{remote}': No space left on device")
        return 1
    content = await asyncio.to_thread(source.read_bytes)
    target = remote + source.name if remote.endswith("/") else remote
    await phone.device.push(target, content)
    streams.out(f"{local}: 1 file pushed, 0 skipped. ({len(content)} bytes)")
    return 0


async def _pull(phone: Attached, arguments: list[str], folder: Path, streams: Streams) -> int:
    match [each for each in arguments if each not in {"-p", "-a", "-z", "-Z"}]:
        case [remote]:
            local = "."
        case [remote, local]:
            pass
        case _:
            streams.err("adb: pull requires an argument")
            return 1
    target = folder / local
    if target.is_dir():
        target /= Path(remote).name
    try:
        content = await phone.device.pull(remote)
    except (FileNotFoundError, IsADirectoryError):
        streams.err(f"adb: error: failed to stat remote object '{remote}': No such file or directory")
        return 1
    await asyncio.to_thread(target.write_bytes, content)
    streams.out(f"{remote}: 1 file pulled, 0 skipped. ({len(content)} bytes)")
    return 0
