// Runs in every document before the app does. Turns the app's semantics on, reads them in one go, and waits in
// the page for what can only be seen there: a changed tree, a node at rest. Decides nothing: meaning is Python's.
(() => {
  if (globalThis.__flutterBridge || window.top !== window) return;

  const NODE = "flt-semantics, [id^='flt-semantic-node-']";
  const PLACEHOLDER = "flt-semantics-placeholder";
  const ATTRIBUTES = [
    "role", "type", "href", "disabled", "placeholder", "data-semantics-role", "flt-semantics-identifier", "flt-tappable",
    "aria-label", "aria-checked", "aria-current", "aria-description", "aria-disabled", "aria-selected", "aria-valuetext",
    "aria-modal",
  ];
  const CLIPS = /scroll|hidden|auto|clip/;
  const round = (number) => Math.round(number * 100) / 100;

  // -- where the semantics are: in the document, or in an open shadow root of an older engine's host
  const watched = new WeakSet();
  const roots = () => {
    const found = [document];
    for (const host of document.querySelectorAll("flt-glass-pane, flutter-view")) {
      if (host.shadowRoot) found.push(host.shadowRoot);
    }
    for (const root of found) {
      if (watched.has(root)) continue;
      watched.add(root);
      observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    return found;
  };
  const first = (selector) => {
    for (const root of roots()) {
      const found = root.querySelector(selector);
      if (found) return found;
    }
    return null;
  };
  const byRef = (ref) => {
    for (const root of roots()) {
      const found = root.getElementById(ref);
      if (found) return found;
    }
    return null;
  };
  const above = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const fieldOf = (ref) => {
    const element = byRef(ref);
    return element?.matches("input, textarea") ? element : element?.querySelector("input, textarea") ?? null;
  };
  const isNode = (element) => element.matches?.(NODE) ?? false;

  // -- what changed since when
  let version = 0;
  let waiting = [];
  const changed = () => {
    version += 1;
    if (!ready) enable();
    const woken = waiting;
    waiting = [];
    if (woken.length) requestAnimationFrame(() => woken.forEach((wake) => wake()));
  };
  const observer = new MutationObserver(changed);
  const change = (after, ms) =>
    new Promise((resolve) => {
      if (version > after) return resolve();
      const timer = setTimeout(resolve, ms);
      waiting.push(() => { clearTimeout(timer); resolve(); });
    });
  // What is no mutation and changes the tree all the same.
  for (const name of ["input", "focusin", "focusout", "scroll", "resize"]) addEventListener(name, changed, true);

  // -- turning semantics on: a click on the placeholder's very middle (mobile engines insist on the place, give up
  // after twenty misses, and take 300 ms), again while nothing comes of it, as an app still starting may miss it.
  let ready = false;
  let clickedAt = -Infinity;
  const enable = () => {
    if (first(NODE)) {
      ready = true;
      return;
    }
    const placeholder = first(PLACEHOLDER);
    if (!placeholder || performance.now() - clickedAt < 500) return;
    clickedAt = performance.now();
    const { left, top, width, height } = placeholder.getBoundingClientRect();
    placeholder.dispatchEvent(
      new MouseEvent("click", {
        bubbles: true, cancelable: true, composed: true, view: window,
        clientX: left + width / 2, clientY: top + height / 2,
      }),
    );
  };
  const starting = setInterval(() => (ready ? clearInterval(starting) : enable()), 50);

  // -- reading
  const clipsInside = ({ style }) => CLIPS.test(style.overflow) || CLIPS.test(style.overflowX) || CLIPS.test(style.overflowY);
  const screen = () => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
  const shared = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  const clipOf = (element) => {
    let clip = screen();
    for (let at = above(element); at; at = above(at)) {
      if (isNode(at) && clipsInside(at)) clip = shared(clip, at.getBoundingClientRect());
    }
    return clip;
  };
  const boxed = ({ left, top, right, bottom }) => [left, top, right - left, bottom - top].map(round);

  const focused = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };

  const record = (element, clip, focus) => {
    const rect = element.getBoundingClientRect();
    const seen = shared(rect, clip);
    const hidden = seen.right <= seen.left || seen.bottom <= seen.top;
    const raw = { t: element.localName, i: element.id, b: boxed(hidden ? rect : seen) };
    if (hidden) raw.h = 1;
    for (const name of ATTRIBUTES) {
      const value = element.getAttribute(name);
      if (value !== null) (raw.a ??= {})[name] = value;
    }
    if (element === focus) raw.f = 1;
    if (element.value) raw.v = element.value;
    if (element.disabled === true) raw.d = 1;
    const inside = clipsInside(element) ? shared(clip, rect) : clip;
    if (inside !== clip) raw.o = 1;
    const children = [];
    let text = "";
    const look = (parent) => {
      for (const child of parent.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) text += child.data;
        else if (child.nodeType !== Node.ELEMENT_NODE || child.matches("style, script")) continue;
        else if (isNode(child) || child.matches("flt-semantics-img, input, textarea")) children.push(record(child, inside, focus));
        else if (child.localName === "flt-semantics-scroll-overflow") {
          raw.s = child.offsetWidth > child.offsetHeight ? "x" : "y";
        } else look(child);
      }
    };
    look(element);
    if (text) raw.x = text;
    if (children.length) raw.k = children;
    return raw;
  };

  const read = async (after, ms) => {
    if (after >= 0) await change(after, ms);
    if (!ready) enable();
    const tops = [];
    for (const root of roots()) {
      for (const element of root.querySelectorAll(NODE)) {
        if (!element.parentElement?.closest(NODE)) tops.push(element);
      }
    }
    const focus = focused();
    return JSON.stringify({
      version, url: location.href, width: innerWidth, height: innerHeight, ratio: devicePixelRatio,
      flutter: Boolean(first("flutter-view, flt-glass-pane, flt-semantics-placeholder, flt-semantics-host")),
      nodes: tops.map((element) => record(element, screen(), focus)),
    });
  };

  // -- waiting in the page
  // The next frame; a page that hasn't painted for two seconds isn't waited for: nobody could tell for how long.
  const frame = () =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, 2000);
      requestAnimationFrame(() => { clearTimeout(timer); resolve(); });
    });
  const same = (a, b) => a.every((side, index) => side === b[index]);

  // The name of what lies over the node at a point, as far as semantics can tell; null where nothing does.
  const cover = (element, x, y) => {
    let at = document.elementFromPoint(x, y);
    while (at?.shadowRoot?.elementFromPoint(x, y) && at.shadowRoot.elementFromPoint(x, y) !== at) {
      at = at.shadowRoot.elementFromPoint(x, y);
    }
    const top = at?.closest(NODE);
    if (!top || top === element || top.contains(element) || element.contains(top)) return null;
    const takes = top.hasAttribute("flt-tappable") || top.matches("[role=button], a") || at.matches("input, textarea");
    return takes ? top.getAttribute("flt-semantics-identifier") ?? top.getAttribute("aria-label") ?? top.textContent ?? "" : null;
  };

  // A node's box once it is the same in two frames that follow each other, and what covers its middle;
  // null when the node has gone.
  const rest = async (ref, ms) => {
    const until = performance.now() + ms;
    let last = null;
    for (;;) {
      const element = byRef(ref);
      if (!element) return null;
      const box = boxed(shared(element.getBoundingClientRect(), clipOf(element)));
      const over = box[2] > 0 && box[3] > 0 ? cover(element, box[0] + box[2] / 2, box[1] + box[3] / 2) : null;
      const still = last !== null && same(box, last);
      if ((still && over === null) || performance.now() >= until) return { box, over, still };
      last = box;
      await frame();
    }
  };

  // What a text field says once that is the same in `frames` frames in a row, or at the end of `ms`; null when it has gone.
  const holds = async (ref, frames, ms) => {
    const until = performance.now() + ms;
    let last = null;
    for (let seen = 0; seen < frames && performance.now() < until; ) {
      const value = fieldOf(ref)?.value ?? null;
      if (value === null) return null;
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
    field.select();
    if (text !== "") return document.execCommand("insertText", false, text);
    return field.value === "" || document.execCommand("delete");
  };

  // What a tapped field says once it has the focus, and keeps it: only then does the engine listen to it. Where it doesn't
  // in time, null, and nothing has the focus afterwards: the engine may believe it is still editing a field that the browser took the
  // focus from (it lays an empty node over the screen meanwhile), and a tap then brings nothing until that is over.
  const focusIn = async (ref, ms) => {
    const until = performance.now() + ms;
    for (let kept = 0; performance.now() < until; ) {
      const field = fieldOf(ref);
      kept = field && field === focused() ? kept + 1 : 0;
      if (kept === 3) return field.value ?? "";
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

  // Goes back in the history. Resolves with whether there was anything to go back to, once the app has followed.
  const back = async (ms) => {
    const before = version;
    const popped = new Promise((resolve) => {
      addEventListener("popstate", () => resolve(true), { once: true });
      setTimeout(() => resolve(false), ms);
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
    window.visualViewport?.dispatchEvent(new Event("resize"));
    window.dispatchEvent(new Event("resize"));
  };

  // Whether the page is at an address, however that is written.
  const isAt = (address) => new URL(address, location.href).href === location.href;

  const touch = () => navigator.maxTouchPoints > 0 && "ontouchstart" in window;

  roots();
  globalThis.__flutterBridge = { read, rest, holds, fill, quiet, focusIn, moved, back, beat, repaint, touch, isAt, now: () => version };
})();
