"""How a line of Android's shell is read."""

from __future__ import annotations

import pytest

from fake_android.adb.shell import ShellCommand, ShellSyntaxError, parse


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("getprop ro.build.version.sdk", ["getprop", "ro.build.version.sdk"]),
        ("mkdir -p -- '/sdcard/My files'", ["mkdir", "-p", "--", "/sdcard/My files"]),
        ('echo "a \\"b\\" \'c\'"', ["echo", "a \"b\" 'c'"]),
        ("am start -n org.example/.Main\\$Inner", ["am", "start", "-n", "org.example/.Main$Inner"]),
        ("cat '/sdcard/it'\\''s.txt'", ["cat", "/sdcard/it's.txt"]),
        ("echo ''", ["echo", ""]),
        ("input keyevent 4", ["input", "keyevent", "4"]),
        ("am start -d app://people/42?a=1#top", ["am", "start", "-d", "app://people/42?a=1#top"]),
    ],
)
def test_words_and_quotes(line: str, words: list[str]) -> None:
    assert [command.words for command in parse(line)] == [words]


def test_commands_are_joined() -> None:
    assert parse("a 1;b && c || d") == [
        ShellCommand(";", ["a", "1"]),
        ShellCommand(";", ["b"]),
        ShellCommand("&&", ["c"]),
        ShellCommand("||", ["d"]),
    ]


@pytest.mark.parametrize(
    ("line", "stdout", "stderr"),
    [
        ("ls > /sdcard/a", "/sdcard/a", None),
        ("ls 2>/dev/null", None, "/dev/null"),
        ("ls 2>&1", None, "&1"),
        ("echo oh >&2", "&2", None),
    ],
)
def test_output_goes_elsewhere(line: str, stdout: str | None, stderr: str | None) -> None:
    (command,) = parse(line)
    assert (command.stdout, command.stderr) == (stdout, stderr)


@pytest.mark.parametrize(
    "line",
    ["ps | grep app", "echo $HOME", "echo `date`", "echo 'open", 'echo "open', "ls >", "&& ls", "ls &&"],
)
def test_what_a_stand_in_has_no_shell_for_is_refused(line: str) -> None:
    with pytest.raises(ShellSyntaxError):
        parse(line)
