"""What adb does on the host: finds the phone a command is for, and does what it says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fake_android.adb.packages import StartServer, install, uninstall
from fake_android.adb.programs import logcat, programs
from fake_android.adb.shell import CommandFailed, Streams, exit_code, run_line
from fake_android.connected_phone import ConnectedPhone, Forwards
from fake_android.device import MODEL, DeviceGone
from flutter_bridge import BridgeError

VERSION = "Android Debug Bridge version 1.0.41\nVersion 35.0.2-stand-in"
MAX_FILE_BYTES = 256 * 2**20

_PORT = re.compile(r"tcp:(\d{1,5})")


@dataclass(frozen=True, slots=True)
class AdbCommand:
    """An adb command line: the global options, the verb, its arguments, the folder it was given in."""

    serial: str | None
    verb: str
    arguments: list[str]
    folder: Path

    @classmethod
    def read(cls, words: list[str], folder: Path) -> AdbCommand:
        """Take the global options off a command line; raises `CommandFailed`."""
        rest = list(words)
        serial = None
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option in {"-s", "-t", "-H", "-P", "-L"}:
                if not rest:
                    raise CommandFailed(f"adb: {option} requires an argument")
                value = rest.pop(0)
                serial = value if option == "-s" else serial
            elif option == "--version":
                rest.insert(0, "version")
            elif option not in {"-a", "-d", "-e"}:
                raise CommandFailed(f"adb: unknown option {option}")
        return cls(serial, rest[0] if rest else "help", rest[1:], folder)


class Host:
    """The adb of the machine that the phones are plugged into."""

    def __init__(self, phones: Mapping[str, ConnectedPhone], start_server: StartServer) -> None:
        self.phones = phones
        self.forwards = Forwards()
        self._programs = programs(start_server)

    async def run(self, words: list[str], folder: Path, streams: Streams) -> int:
        """Run one command; return its exit code."""
        return await exit_code(self._run(words, folder, streams), streams)

    async def _run(self, words: list[str], folder: Path, streams: Streams) -> None:
        command = AdbCommand.read(words, folder)
        match command.verb, command.arguments:
            case "devices", flags:
                self._devices("-l" in flags, streams)
            case "version" | "help", _:
                streams.out(VERSION)
            case (("start-server" | "reconnect"), _):
                pass
            case "kill-server", _:
                await self.forwards.remove_all()
            case "features" | "host-features", _:
                streams.out("shell_v2\ncmd")
            case "forward", ["--list"]:
                for phone, port, target in self.forwards:
                    streams.out(f"{phone.serial} tcp:{port} tcp:{target}")
            case _:
                await self._run_with_cable(command, streams)

    def _devices(self, long: bool, streams: Streams) -> None:
        streams.out("List of devices attached")
        for number, phone in enumerate(self.phones.values(), start=1):
            if phone.plugged:
                details = f" product:stand_in model:{MODEL} device:stand_in transport_id:{number}"
                streams.out(f"{phone.serial}\tdevice{details if long else ''}")
        streams.out("")

    def _phone(self, serial: str | None) -> ConnectedPhone:
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

    async def _run_with_cable(self, command: AdbCommand, streams: Streams) -> None:
        """Run a command on a phone, while that is plugged in."""
        try:
            phone = self._phone(command.serial)
        except DeviceGone as error:
            if command.verb.startswith("wait-for-"):
                await self._wait(command)
                return
            prefix = "adb" if "more than" in str(error) else "error"
            raise CommandFailed(f"{prefix}: {error}") from error
        running = asyncio.ensure_future(self._run_on(phone, command, streams))
        cable = asyncio.ensure_future(phone.unplugged.wait())
        try:
            await asyncio.wait({running, cable}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                raise CommandFailed("error: closed")
            running.result()
        except DeviceGone as error:
            phone.unplug()
            raise CommandFailed(f"error: device '{phone.serial}' not found") from error
        except (BridgeError, OSError, ValueError) as error:
            # Nobody serves the app, say, or a path leads out of the phone's files.
            raise CommandFailed(f"error: {error}") from error
        finally:
            running.cancel()
            cable.cancel()
            await asyncio.gather(running, cable, return_exceptions=True)

    async def _wait(self, command: AdbCommand) -> None:
        while True:
            try:
                self._phone(command.serial)
            except DeviceGone:
                await asyncio.sleep(0.1)
            else:
                return

    async def _run_on(self, phone: ConnectedPhone, command: AdbCommand, streams: Streams) -> None:
        arguments = command.arguments
        match command.verb:
            case "shell" | "exec-out":
                await self._shell(phone, arguments, streams)
            case "forward":
                await self._forward(phone, arguments, streams)
            case "install":
                await install(phone, [_make_absolute(each, command.folder) for each in arguments], streams)
            case "uninstall":
                await uninstall(phone, arguments, streams)
            case "push" | "pull":
                copy = _push if command.verb == "push" else _pull
                await copy(phone, arguments, command.folder, streams)
            case "logcat":
                await logcat(phone, arguments, streams)
            case verb:
                _reply(phone, verb, streams)

    async def _shell(self, phone: ConnectedPhone, words: list[str], streams: Streams) -> None:
        while words[:1] in (["-t"], ["-T"], ["-x"], ["-n"]):
            words = words[1:]
        if not words:
            raise CommandFailed("adb: a stand-in has no interactive shell: give it a command")
        if words[:1] == ["screencap"]:
            streams.stdout(await phone.device.screenshot())
        else:
            await run_line(phone, " ".join(words), streams, self._programs)

    async def _forward(self, phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
        match arguments:
            case ["--remove-all"]:
                await self.forwards.remove_all(phone)
            case ["--remove", local]:
                port = _PORT.fullmatch(local)
                if port is None or not await self.forwards.remove(int(port[1])):
                    raise CommandFailed(f"adb: error: listener '{local}' not found")
            case [local, remote] | ["--no-rebind", local, remote]:
                here, there = _PORT.fullmatch(local), _PORT.fullmatch(remote)
                if here is None or there is None:
                    raise CommandFailed(
                        f"adb: error: a stand-in forwards tcp:PORT to tcp:PORT, not {local} to {remote}"
                    )
                try:
                    streams.out(str(await self.forwards.add(phone, int(here[1]), int(there[1]))))
                except (OSError, OverflowError) as error:
                    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
                    raise CommandFailed(
                        f"adb: error: cannot bind listener: cannot listen on {local}: {reason}"
                    ) from error
            case _:
                raise CommandFailed("adb: forward takes two arguments")


_REPLIES = {
    "get-state": "device",
    "root": "adbd cannot run as root in production builds",
    "wait-for-device": "",
    "wait-for-usb-device": "",
    "wait-for-any-device": "",
}
_UNSUPPORTED = {
    "reverse": "adb: error: a stand-in reaches this machine's ports without reverse",
    "emu": "adb: emu command only works with an emulator",
}


def _reply(phone: ConnectedPhone, verb: str, streams: Streams) -> None:
    if verb in _UNSUPPORTED:
        raise CommandFailed(_UNSUPPORTED[verb])
    reply = phone.serial if verb == "get-serialno" else _REPLIES.get(verb)
    if reply is None:
        raise CommandFailed(f"adb: unknown command {verb}")
    if reply:
        streams.out(reply)


def _make_absolute(argument: str, folder: Path) -> str:
    return argument if argument.startswith("-") else str(folder / argument)


async def _push(phone: ConnectedPhone, arguments: list[str], folder: Path, streams: Streams) -> None:
    places = [each for each in arguments if each not in {"-p", "--sync", "-z", "-Z"}]
    if len(places) != 2:
        raise CommandFailed("adb: push requires a file and where to put it")
    local, remote = places
    source = folder / local
    if not source.is_file():
        raise CommandFailed(f"adb: error: cannot stat '{local}': No such file or directory")
    if source.stat().st_size > MAX_FILE_BYTES:
        raise CommandFailed(f"adb: error: failed to copy '{local}' to '{remote}': No space left on device")
    content = await asyncio.to_thread(source.read_bytes)
    target = remote + source.name if remote.endswith("/") else remote
    await phone.device.push(target, content)
    streams.out(f"{local}: 1 file pushed, 0 skipped. ({len(content)} bytes)")


async def _pull(phone: ConnectedPhone, arguments: list[str], folder: Path, streams: Streams) -> None:
    match [each for each in arguments if each not in {"-p", "-a", "-z", "-Z"}]:
        case [remote]:
            local = "."
        case [remote, local]:
            pass
        case _:
            raise CommandFailed("adb: pull requires an argument")
    target = folder / local
    if target.is_dir():
        target /= Path(remote).name
    try:
        content = await phone.device.pull(remote)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CommandFailed(
            f"adb: error: failed to stat remote object '{remote}': No such file or directory"
        ) from error
    await asyncio.to_thread(target.write_bytes, content)
    streams.out(f"{remote}: 1 file pulled, 0 skipped. ({len(content)} bytes)")
