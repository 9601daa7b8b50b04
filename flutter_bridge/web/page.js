// What a page is asked for: to read, to wait for what can only be seen there, to be operated. Decides nothing: meaning is
// Python's.

// The next frame; a page that hasn't painted for two seconds isn't waited for: nobody could tell for how long.
const frame = () =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 2000);
    requestAnimationFrame(() => { clearTimeout(timer); resolve(); });
  });

// Takes the focus from a field, which hides a browser's keyboard.
const leave = () => focused()?.blur();

// What a text field says once that is the same in `frames` frames in a row, or at the end of `ms`; null when it has gone.
const holds = async (ref, frames, ms) => {
  const until = performance.now() + ms;
  let last = null;
  for (let seen = 0; seen < frames && performance.now() < until; ) {
    const field = fieldOf(ref);
    if (!field) return null;
    const value = contentOf(field);
    seen = value === last ? seen + 1 : 1;
    last = value;
    if (seen < frames) await frame();
  }
  return last;
};

// Types over what a focused field says, for clients that can't; whether the field took it.
const fill = (ref, text) => {
  const field = fieldOf(ref);
  if (!field || field !== focused()) return false;
  if (field.select) field.select();
  else field.ownerDocument.getSelection().selectAllChildren(field);
  if (text !== "") return field.ownerDocument.execCommand("insertText", false, text);
  return contentOf(field) === "" || field.ownerDocument.execCommand("delete");
};

// What a tapped field says once it has the focus, and keeps it: only then does the engine listen to it. Where it doesn't
// in time, null, and nothing has the focus afterwards: the engine may believe it is still editing a field that the browser took the
// focus from (it lays an empty node over the screen meanwhile), and a tap then brings nothing until that is over.
const focusIn = async (ref, ms) => {
  const until = performance.now() + ms;
  for (let kept = 0; performance.now() < until; ) {
    const field = fieldOf(ref);
    kept = field && field === focused() ? kept + 1 : 0;
    if (kept === 3) return contentOf(field) ?? "";
    await frame();
  }
  focused()?.blur();
  return null;
};

// Resolves with the version once nothing changed for `frames` frames, or `ms` are over.
const quiet = async (frames, ms) => {
  const until = performance.now() + ms;
  let last = version;
  for (let calm = 0; calm < frames && performance.now() < until; ) {
    await frame();
    calm = version === last ? calm + 1 : 0;
    last = version;
  }
  return version;
};

// Resolves once what a turn of the wheel set moving rests, with a reading; when nothing began to move within 10 frames.
const moved = async (before, ms) => {
  for (let frames = 0; version === before && frames < 10; frames += 1) await frame();
  if (version !== before) await quiet(2, ms);
  return read(-1, 0);
};

const LEAVING_MS = 19_000; // less than a driver gives a question

// Goes back in the history. Resolves with whether there was anything to go back to, once the app has followed; null in
// another document than the one that was `born` then, where that is said: a driver puts its question again where a document
// goes away, and one that has gone back already must not go back twice.
const born = () => performance.timeOrigin;
const back = async (ms, then = born()) => {
  if (then !== born()) return null;
  const before = version;
  const popped = new Promise((resolve) => {
    // The history is that of all frames together.
    const views = roots().map((root) => root.defaultView).filter(Boolean);
    for (const view of views) view.addEventListener("popstate", () => resolve(true), { once: true });
    const timer = setTimeout(() => resolve(false), ms);
    // Another document is on its way, however slow its server is: this one goes, and the question with it.
    addEventListener("beforeunload", () => {
      clearTimeout(timer);
      setTimeout(() => resolve(false), LEAVING_MS);
    }, { once: true });
  });
  history.back();
  if (!(await popped)) return false;
  await change(before, ms);
  await quiet(4, ms);
  return true;
};

// -- a heartbeat: one invisible pixel (less than half a step of black) whose opacity the compositor steps through, so
// many times a second: a new frame at each step though nothing moves, all alike. No script runs for it, no attribute
// changes. At the display's own rate it is moved steadily, as steps of that length would now and then miss a frame.
let heart = null;
const beat = (times) => {
  heart?.remove();
  heart = null;
  if (times <= 0) return;
  heart = document.createElement("flutter-bridge-heartbeat");
  heart.style.cssText =
    "position:fixed;right:0;bottom:0;width:1px;height:1px;pointer-events:none;background:rgba(0,0,0,0.004);will-change:opacity";
  document.documentElement.append(heart);
  const easing = times < 60 ? `steps(${times})` : "linear";
  heart.animate([{ opacity: 0.1 }, { opacity: 0.4 }], { duration: 1000, iterations: Infinity, direction: "alternate", easing });
};

// Asks the engine for a frame, as a window does whose size may have changed; nothing else comes of it.
const repaint = () => {
  for (const view of roots().map((root) => root.defaultView).filter(Boolean)) {
    view.visualViewport?.dispatchEvent(new Event("resize"));
    view.dispatchEvent(new Event("resize"));
  }
};

// Resolves once what was changed before has been handed to the compositor: a frame's changes are in its tree before the
// next but one begins. A page that draws nothing, a hidden one say, is not waited for.
const drawn = () =>
  new Promise((resolve) => {
    let frames = 3;
    const next = () => (--frames ? requestAnimationFrame(next) : resolve());
    requestAnimationFrame(next);
    setTimeout(resolve, 2000);
  });

// Chooses from a list that the browser opens outside the page, where nothing can be touched: true, or what it offers
// instead; null for what is no such list.
const pick = (ref, text) => {
  const list = byRef(ref);
  if (!list?.matches("select")) return null;
  const words = (option) => option.text.trim().replace(/\s+/g, " ");
  const offered = [...list.options].filter((option) => !option.disabled);
  const option = offered.find((each) => words(each) === text.trim().replace(/\s+/g, " "));
  if (!option) return offered.map(words);
  list.focus();
  option.selected = true;
  for (const name of ["input", "change"]) list.dispatchEvent(new Event(name, { bubbles: true }));
  return true;
};

// How often the history led to another place in this document.
let stepsBack = 0;
addEventListener("popstate", () => { stepsBack += 1; });
const steps = () => stepsBack;

// Waits for a change, and returns how many there have been.
const wait = async (after, ms) => {
  await change(after, ms);
  return version;
};

// Whether the page is at an address, however that is written.
const isAt = (address) => new URL(address, location.href).href === location.href;

const touch = () => navigator.maxTouchPoints > 0 && "ontouchstart" in window;

start();
globalThis.__flutterBridge = {
  read, wait, see, frameAt, frameCovers, steps, byRef, rest, reach, missed, leave, holds, fill, quiet, focusIn, moved, born, back, beat, drawn, repaint, pick, touch, isAt, fieldOf, now: () => version,
};
