"""Asks a document of a page, or of a frame in it, through a WebDriver."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from appium.webdriver.webdriver import WebDriver

from flutter_bridge.errors import DocumentReplaced
from flutter_bridge.web import SCRIPT

CHOOSER = files("flutter_bridge.mobile_web").joinpath("chooser.js").read_text(encoding="utf-8")
SCRIPTS = f"{SCRIPT}\n{CHOOSER}"

# An answer is told from no answer, as an error in the page would otherwise be a time-out.
ASK = """
const [object, name, given, answer] = arguments;
const done = (what) => answer({ ...what, at: location.origin + location.pathname });
if (location.protocol === "chrome-error:") return done({ failed: location.href });
if (!globalThis[object]) return done({ missing: true });
Promise.resolve(globalThis[object][name](...given))
  .then((value) => done({ value }), (error) => done({ wrong: `${error}` }));
"""
LOADED = """
const [done] = arguments;
if (document.readyState !== "loading") done(); else addEventListener("DOMContentLoaded", () => done());
"""

FRAME = "return globalThis.__flutterBridge?.byRef(arguments[0])"


def ask_document(driver: WebDriver, path: Sequence[str], *question: object) -> Any:
    """Return what `ASK` answers in the document in a frame, or in the page's without a path."""
    if not path:
        return _ask(driver, question)
    try:
        for name in path:
            frame = driver.execute_script(FRAME, name)
            if frame is None:
                raise DocumentReplaced("the frame isn't there any more")
            driver.switch_to.frame(frame)
        answer = _ask(driver, question)
    finally:
        driver.switch_to.default_content()
    if isinstance(answer, dict) and "failed" in answer:
        raise DocumentReplaced("what the frame is to show can't be reached")
    return answer


def _ask(driver: WebDriver, question: Sequence[object]) -> Any:
    answer = driver.execute_async_script(ASK, *question)
    if isinstance(answer, dict) and answer.get("missing"):
        driver.execute_script(SCRIPTS)
        answer = driver.execute_async_script(ASK, *question)
    return answer
