// Runs in every document before the app does. Turns the app's semantics on, reads them in one go, and waits in
// the page for what can only be seen there: a changed tree, a node at rest. Decides nothing: meaning is Python's.
(() => {
  if (globalThis.__flutterBridge || window.top !== window) return;

  const NODE = "flt-semantics, [id^='flt-semantic-node-']";
  const PLACEHOLDER = "flt-semantics-placeholder";
  // An app, or what loads one.
  const FLUTTER = "flutter-view, flt-glass-pane, flt-semantics-placeholder, flt-semantics-host, script[src*='flutter'], script[src*='main.dart']";
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
  // Engines before 2023 give their nodes no id: these have a name of ours, which the page doesn't see.
  const names = new WeakMap();
  const named = new Map();
  let lastName = 0;
  const refOf = (element) => {
    if (element.id) return element.id;
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
    const raw = { t: element.localName, i: refOf(element), b: boxed(hidden ? rect : seen) };
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
          // The engine lets one way overflow. What it lays in there has had several sizes, by which to tell but at last.
          const [x, y] = [CLIPS.test(element.style.overflowX), CLIPS.test(element.style.overflowY)];
          raw.s = (x === y ? child.offsetWidth > child.offsetHeight : x) ? "x" : "y";
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
      flutter: Boolean(first(FLUTTER)),
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

  // -- what a touch meets: the element that gets the event, through open shadow roots; an iframe keeps it for itself
  const VIEWS = "flutter-view, flt-glass-pane";
  const FLUTTERS = `${VIEWS}, flt-semantics-host, flt-text-editing-host`;
  const OF_THE_ENGINE = `${FLUTTERS}, flt-platform-view`;
  const TAKERS = "[flt-tappable], [role=button], a";
  const FRAMES = "iframe, frame, object, embed";
  const hit = (x, y) => {
    let at = document.elementFromPoint(x, y);
    for (let deeper; (deeper = at?.shadowRoot?.elementFromPoint(x, y)) && deeper !== at; ) at = deeper;
    return at;
  };
  const upwards = function* (from, to = null) {
    for (let at = from; at && at !== to; at = above(at)) yield at;
  };
  const viewOf = (element) => [...upwards(element)].filter((at) => at.matches(VIEWS)).pop() ?? null;
  // The platform view that an iframe is in belongs to the node that says so.
  const owns = (element, frame) => {
    const views = new Set([...upwards(frame)].map((at) => at.id).filter(Boolean));
    return [element, ...element.querySelectorAll("[aria-owns]")].some((at) => views.has(at.getAttribute("aria-owns")));
  };
  // Whether a touch on `at` reaches the app, in the view that the node is in.
  const reaches = (at, element) => {
    if (at.matches(FRAMES)) return element !== null && owns(element, at);
    const view = viewOf(at);
    if (view) return view === ((element && viewOf(element)) ?? view);
    return [...upwards(at)].some((up) => up.matches(FLUTTERS) || isNode(up));
  };
  const cut = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const tagOf = (element) => {
    const name = ["id", "class", "title", "aria-label"].find((name) => element.getAttribute(name)?.trim());
    return name ? `<${element.localName} ${name}="${cut(element.getAttribute(name))}">` : `<${element.localName}>`;
  };
  // What isn't the app's, by the nearest thing that has an id, in what was laid over the page as a whole.
  const foreign = (at) => {
    const view = viewOf(at);
    if (view && !at.matches(FRAMES)) return tagOf(view);
    const whole = `body, ${OF_THE_ENGINE}`;
    const apart = [...upwards(at)].filter((up) => up === at || !(up.matches(whole) || up.querySelector(whole)));
    return tagOf(apart.find((up) => up.id) ?? apart.pop());
  };
  const nodeLabel = (node) => {
    const role = node.querySelector("input, textarea") ? "textbox" : node.getAttribute("role") ?? (node.matches("a") ? "link" : "text");
    const name = node.getAttribute("aria-label") ?? (node.textContent.trim() || node.getAttribute("flt-semantics-identifier"));
    return name ? `${role} "${cut(name)}"` : `a ${role}`;
  };
  const takes = (node, at) => isNode(node) && (node.matches(TAKERS) || (at.matches("input, textarea") && at.closest(NODE) === node));
  const fills = (node, element) => {
    const [inner, outer] = [node, element].map((at) => at.getBoundingClientRect());
    const shown = shared(outer, clipOf(element));
    return inner.left <= shown.left && inner.top <= shown.top && inner.right >= shown.right && inner.bottom >= shown.bottom;
  };
  // A browser's keyboard lies over the page, which keeps its size: only the part that can be seen is smaller.
  const underKeyboard = (y) => {
    const seen = window.visualViewport;
    if (!seen || seen.scale > 1.01 || seen.height > 0.85 * document.documentElement.clientHeight) return false;
    return y >= seen.offsetTop + seen.height && Boolean(focused()?.matches("input, textarea"));
  };

  // What a touch at a point meets instead of a node, as [label, kind] (`Cover` in Python); null where it meets the node.
  const cover = (element, x, y) => {
    if (underKeyboard(y)) return ["the keyboard", "keyboard"];
    const at = hit(x, y);
    if (!at) return null;
    if (!reaches(at, element)) return [foreign(at), "certain"];
    const top = at.closest(NODE);
    if (!element || !top || top === element || top.contains(element)) return null;
    const inside = element.contains(top);
    for (const node of upwards(top, element)) {
      if (node.contains(element)) break;
      if (takes(node, at)) return inside && fills(node, element) ? null : [nodeLabel(node), inside ? "part" : "certain"];
    }
    const says = top.hasAttribute("aria-label") || top.textContent.trim();
    return !inside && says && !top.querySelector(NODE) ? [nodeLabel(top), "possible"] : null;
  };
  const covers = (element, [left, top, width, height], columns, rows) => {
    const found = [];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        found.push(cover(element, left + (width * (column + 0.5)) / columns, top + (height * (row + 0.5)) / rows));
      }
    }
    return found;
  };

  // Which element a touch was meant for, and which one the next touch went to.
  let aim = null;
  let touched = null;
  addEventListener("pointerdown", (event) => { touched ??= event.composedPath()[0]; }, true);
  // Returns what a touch at a point met instead of the app; null where it was the app, or another document asks.
  const missed = (x, y) => {
    if (!aim) return null;
    const at = touched ?? hit(x, y);
    return at instanceof Element && !reaches(at, aim) ? foreign(at) : null;
  };

  // A node's box once it is the same in two frames that follow each other, with what covers the spots of a grid over it:
  // once one of them is free, or covered in one of the ways that are `accepted`. Null when the node has gone.
  const rest = async (ref, columns, rows, accepted, ms) => {
    const until = performance.now() + ms;
    let last = null;
    for (;;) {
      const element = byRef(ref);
      if (!element) return null;
      const box = boxed(shared(element.getBoundingClientRect(), clipOf(element)));
      const still = last !== null && same(box, last);
      if (still || performance.now() >= until) {
        const found = box[2] > 0 && box[3] > 0 ? covers(element, box, columns, rows) : [];
        const free = found.some((cover) => cover === null || accepted.includes(cover[1]));
        [aim, touched] = [element, null];
        if (free || performance.now() >= until) return { box, still, covers: found };
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      last = box;
      await frame();
    }
  };

  // What covers the spots of a grid over a pane, as far as that isn't the app's, and how often the page has changed.
  const reach = (box, columns, rows) => [version, covers(null, box, columns, rows)];

  // Takes the focus from a field, which hides a browser's keyboard.
  const leave = () => focused()?.blur();

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
  globalThis.__flutterBridge = { read, rest, reach, missed, leave, holds, fill, quiet, focusIn, moved, back, beat, repaint, touch, isAt, fieldOf, now: () => version };
})();
