// The documents of the page and what is in them: this one, those of frames of the same origin, open shadow roots.
// Every box is in the page, whichever document its element is in.

const NODE = "flt-semantics, [id^='flt-semantic-node-']";
const VIEWS = "flutter-view, flt-glass-pane";
const FRAMES = "iframe, frame, object, embed";
const CLIPS = /scroll|hidden|auto|clip/;
const round = (number) => Math.round(number * 100) / 100;
const same = (a, b) => a.every((side, index) => side === b[index]);
const isNode = (element) => element.matches?.(NODE) ?? false;

// What keeps its document to itself says null, or throws.
const documentOf = (frame) => {
  try { return frame.contentDocument ?? null; } catch { return null; }
};
const frameOf = (element) => {
  try { return element.ownerDocument.defaultView?.frameElement ?? null; } catch { return null; }
};
const above = (element) => element.parentElement ?? element.getRootNode().host ?? (element.matches("html") ? frameOf(element) : null);
const upwards = function* (from, to = null) {
  for (let at = from; at && at !== to; at = above(at)) yield at;
};

// -- where to look
const shadows = new Set();
const watched = new WeakSet();
let known = [];
const roots = () => {
  const found = [];
  const add = (root) => {
    found.push(root);
    watch(root);
    for (const host of root.querySelectorAll(VIEWS)) if (host.shadowRoot) add(host.shadowRoot);
    for (const frame of root.querySelectorAll("iframe, frame")) {
      const inner = documentOf(frame);
      if (inner) add(inner);
    }
  };
  add(document);
  for (const shadow of shadows) {
    if (shadow.host.isConnected) add(shadow);
    else shadows.delete(shadow);
  }
  known = found;
  return found;
};
const first = (selector) => {
  for (const root of roots()) {
    const found = root.querySelector(selector);
    if (found) return found;
  }
  return null;
};

// -- names: an element's id, or one of ours that the page doesn't see, as engines before 2023 give their nodes no id, and
// two apps on a page may give theirs the same
const names = new WeakMap();
const named = new Map();
let lastName = 0;
const byId = (id) => {
  for (const root of known) {
    const found = root.getElementById(id);
    if (found) return found;
  }
  return null;
};
const refOf = (element) => {
  if (element.id && !element.id.startsWith("~") && byId(element.id) === element) return element.id;
  if (!names.has(element)) {
    lastName += 1;
    names.set(element, `~${lastName}`);
    named.set(`~${lastName}`, new WeakRef(element));
  }
  return names.get(element);
};
const byRef = (ref) => {
  if (ref.startsWith("~")) {
    const element = named.get(ref)?.deref();
    if (element?.isConnected) return element;
    named.delete(ref);
    return null;
  }
  roots();
  return byId(ref);
};

// -- text fields
const FIELDS = "input, textarea";
const EDITED = "[contenteditable]:not([contenteditable='false'])";
const fieldOf = (ref) => {
  const element = byRef(ref);
  return element?.matches(`${FIELDS}, ${EDITED}`) ? element : element?.querySelector(FIELDS) ?? null;
};
const contentOf = (field) => field.value ?? field.innerText;
const focused = () => {
  // In a frame that was left, what had the focus there would have it again.
  if (window !== top && !document.hasFocus()) return null;
  let at = document.activeElement;
  for (let deeper; (deeper = at?.shadowRoot?.activeElement ?? (at?.matches(FRAMES) ? documentOf(at)?.activeElement : null)); ) at = deeper;
  return at;
};

// -- boxes
const shared = (a, b) => ({
  left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
});
const near = (a, b) => a.every((side, index) => Math.abs(side - b[index]) < 0.1);
const boxed = ({ left, top, right, bottom }) => [left, top, right - left, bottom - top].map(round);
// Of a frame of another origin no more than is seen of it in the page around, which that one tells.
let seenFromOutside = null;
const see = ([left, top, width, height]) => { seenFromOutside = { left, top, right: left + width, bottom: top + height }; };
const screen = () => {
  const whole = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  return seenFromOutside ? shared(whole, seenFromOutside) : whole;
};
// Where a frame's document begins in the one around it, and how long its pixels are there.
const placeOf = (frame) => {
  const box = frame.getBoundingClientRect();
  const style = getComputedStyle(frame);
  const [across, down] = [box.width / frame.offsetWidth || 1, box.height / frame.offsetHeight || 1];
  const [x, y] = [frame.clientLeft + parseFloat(style.paddingLeft), frame.clientTop + parseFloat(style.paddingTop)];
  return { left: box.left + x * across, top: box.top + y * down, across, down };
};
const rectOf = (element) => {
  const rect = element.getBoundingClientRect();
  if (element.ownerDocument === document) return rect;
  let { left, top, right, bottom } = rect;
  for (let frame = frameOf(element); frame; frame = frameOf(frame)) {
    const at = placeOf(frame);
    [left, right] = [left, right].map((x) => at.left + x * at.across);
    [top, bottom] = [top, bottom].map((y) => at.top + y * at.down);
  }
  return { left, top, right, bottom };
};

// Where a frame's document is in the page, and which part of it is seen there.
const frameAt = (name) => {
  const element = byRef(name);
  if (!element) return null;
  let { left, top, across, down } = placeOf(element);
  for (let frame = frameOf(element); frame; frame = frameOf(frame)) {
    const at = placeOf(frame);
    [left, top] = [at.left + left * at.across, at.top + top * at.down];
    [across, down] = [across * at.across, down * at.down];
  }
  const seen = shared(rectOf(element), clipOf(element));
  const inside = { left: (seen.left - left) / across, right: (seen.right - left) / across, top: (seen.top - top) / down, bottom: (seen.bottom - top) / down };
  return { name, left, top, across, down, seen: boxed(inside), address: element.src?.replace(/[?#].*/, "") ?? "" };
};

const clipsInside = ({ style }) => CLIPS.test(style.overflow) || CLIPS.test(style.overflowX) || CLIPS.test(style.overflowY);
// What of the page an element can be seen in: less than the screen where something around it cuts it off. What is
// laid out by something further up isn't cut off by what lies between.
const clipOf = (element) => {
  let clip = screen();
  let position = getComputedStyle(element).position;
  for (let at = element.assignedSlot ?? above(element); at; at = at.assignedSlot ?? above(at)) {
    if (isNode(at)) {
      if (clipsInside(at)) clip = shared(clip, rectOf(at));
      continue;
    }
    const style = getComputedStyle(at);
    const isFrame = at.matches(FRAMES);
    const escapes = position === "fixed" || (position === "absolute" && style.position === "static");
    if (escapes && style.transform === "none" && !isFrame) continue;
    if (isFrame || (CLIPS.test(`${style.overflowX} ${style.overflowY}`) && !at.matches("html, body"))) clip = shared(clip, rectOf(at));
    position = style.position;
  }
  return clip;
};

// -- what changed since when
let version = 0;
let waiting = [];
let changedAt = performance.now();
const wake = () => {
  version += 1;
  const woken = waiting;
  waiting = [];
  if (woken.length) requestAnimationFrame(() => woken.forEach((each) => each()));
};
let looking = null;
const changed = () => {
  if (rousing) return;
  changedAt = performance.now();
  // Another app may come later on; there is time to look for that, and an app's every change is no reason to.
  if (!ready) enable();
  else looking ??= setTimeout(() => { looking = null; enable(); }, 200);
  wake();
};
const observer = new MutationObserver(changed);
const change = (after, ms) =>
  new Promise((resolve) => {
    if (version > after) return resolve();
    const timer = setTimeout(resolve, ms);
    waiting.push(() => { clearTimeout(timer); resolve(); });
  });
const listen = (view) => {
  // What is no mutation and changes the tree all the same.
  for (const name of ["input", "change", "focusin", "focusout", "scroll", "resize"]) view.addEventListener(name, changed, true);
  view.addEventListener("pointerdown", noteTouch, true);
  for (const name of ["pointerdown", "pointermove"]) view.addEventListener(name, rouseSliders, true);
};
const watch = (root) => {
  if (watched.has(root)) return;
  watched.add(root);
  observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  // A frame that has loaded says so to the document it is in, and not to the window.
  root.addEventListener("load", ({ target }) => { if (target.matches?.(FRAMES)) changed(); }, true);
  if (root.defaultView) listen(root.defaultView);
};
