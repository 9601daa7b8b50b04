"""The `adb` of a stand-in: hands its arguments to the daemon, and says and does what the daemon answers.

The daemon's token lies beside it, in a file that only its owner reads. It is started some 25 times for each
session of Appium's, so it imports nothing that isn't built in.
"""

import _socket
import os
import sys

URL = "FLUTTER_STANDIN_URL"
STDOUT, STDERR, EXIT = b"1", b"2", b"x"


class ChunkedReply:
    """Reads the body of an HTTP reply that comes in chunks."""

    def __init__(self, connection: _socket.socket) -> None:
        self._connection = connection
        self._waiting = b""
        self._chunk = 0

    def head(self) -> bytes:
        """Return the first line, and skip the headers."""
        first = self._line()
        while self._line():
            pass
        return first

    def read(self, length: int) -> bytes:
        """Return so many bytes of the body."""
        body = b""
        while len(body) < length:
            if not self._chunk:
                self._chunk = int(self._line() or self._line(), 16)
                if not self._chunk:
                    raise EOFError
            while not self._waiting:
                self._receive()
            part = self._waiting[: min(self._chunk, length - len(body))]
            self._waiting = self._waiting[len(part) :]
            self._chunk -= len(part)
            body += part
        return body

    def _line(self) -> bytes:
        while b"\r\n" not in self._waiting:
            self._receive()
        line, self._waiting = self._waiting.split(b"\r\n", 1)
        return line

    def _receive(self) -> None:
        received = self._connection.recv(65536)
        if not received:
            raise EOFError
        self._waiting += received


def main() -> int:
    """Run one adb command; return its exit code."""
    url = os.environ.get(URL, "")
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    if not host or not port.isdigit():
        sys.stderr.write(f"adb: {URL} is {url!r}, not the address of a stand-in: start one and give its\n")
        return 1
    command = b"\0".join(os.fsencode(each) for each in [os.getcwd(), *sys.argv[1:]])  # noqa: PTH109 - pathlib takes its time
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        connection.connect((host, int(port)))
        connection.sendall(
            b"POST /adb HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n" % (host.encode(), port.encode())
            + b"Authorization: Bearer %s\r\n" % read_token(port)
            + b"Content-Length: %d\r\n\r\n" % len(command)
            + command
        )
        return follow(ChunkedReply(connection))
    except (OSError, EOFError, ValueError) as error:
        sys.stderr.write(f"adb: the stand-in at {url} is gone ({error or 'it hung up'}): start it again\n")
        return 1


def read_token(port: str) -> bytes:
    """Read the token of the daemon at a port; `write_token` writes it."""
    folder = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - as above
    with open(f"{folder}/stand-in-{port}.token", "rb") as file:  # noqa: PTH123 - as above
        return file.read()


def follow(reply: ChunkedReply) -> int:
    """Write what comes to where it belongs, until the exit code does."""
    first = reply.head()
    if b" 200 " not in first + b" ":
        raise OSError(first.decode("latin-1"))
    while True:
        kind, length = reply.read(1), int.from_bytes(reply.read(4), "big")
        content = reply.read(length)
        if kind == EXIT:
            return content[0]
        target = 1 if kind == STDOUT else 2
        while content:
            content = content[os.write(target, content) :]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
