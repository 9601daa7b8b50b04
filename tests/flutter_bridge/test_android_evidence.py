"""What the real Appium and its real driver give of a phone, when a journey on it has failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image

from flutter_bridge.appium import open_appium_app, open_appium_session
from flutter_bridge.evidence import HIDDEN
from tests.fake_android.stand_in_process import CAPABILITIES, LINKS, running_sample_phone
from tests.flutter_bridge.appium_server import running_appium
from tests.flutter_bridge.test_web_evidence import PAGE, fails


async def test_a_phones_screen_and_what_its_app_has_printed_for_this_journey_are_kept(
    serve_page: Callable[[str], Awaitable[str]], tmp_path: Path
) -> None:
    async with (
        running_sample_phone(await serve_page(PAGE)) as phone,
        running_appium("uiautomator2", environment=phone.environment) as server,
        open_appium_session(server=server.address, capabilities=CAPABILITIES) as session,
    ):
        for name in ("before", "alice"):
            async with open_appium_app(session=session, artifacts=tmp_path, links=LINKS) as app:
                await fails(app)
                if name == "alice":
                    await app.keep_evidence(tmp_path, name)
    lines = (tmp_path / "alice-logcat.log").read_text(encoding="utf-8").splitlines()
    # As often as one journey has it, of the two that were played in this session.
    assert sum("I flutter : signed in as ada" in line for line in lines) == 1
    assert sum("E flutter : Error: nobody catches it" in line for line in lines) == 1
    assert any(line.endswith(f"typed {HIDDEN}") for line in lines)
    assert "hunter2000" not in "\n".join(lines)
    with Image.open(tmp_path / "alice-screen.png") as picture:
        assert picture.size == (412, 915)
