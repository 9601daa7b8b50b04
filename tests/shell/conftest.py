"""A clone to set up, in which Python, Node and npm only pretend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.shell.clone_folder import NODE, NPM, PYTHON, ROOT, TOOLS, put


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the script looks at, and a Python that only pretends."""
    folder = tmp_path.resolve() / "a clone"
    folder.mkdir()
    for name in ("run", "pyproject.toml", "constraints.txt", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "benches", folder / "benches")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in TOOLS.split():
        found = shutil.which(name)
        assert found
        (commands / name).symlink_to(found)
    python = commands / "python3.13"
    python.write_text(PYTHON)
    python.chmod(0o755)
    put(folder, "node", NODE.format(version="v22.12.0"))
    put(folder, "npm", NPM)
    return folder
