// What a touch meets: the element that gets the event, through open shadow roots. A frame keeps it for itself.

const FLUTTERS = `${VIEWS}, flt-semantics-host, flt-text-editing-host`;
const OF_THE_ENGINE = `${FLUTTERS}, flt-platform-view`;
const TAKERS = "[flt-tappable], [role=button], a";
const PLATFORM_VIEW = "flt-platform-view";

// What is at a point of the page, in the document that an element is in.
const hit = (x, y, element = null) => {
  const frames = [];
  for (let frame = element && frameOf(element); frame; frame = frameOf(frame)) frames.unshift(frame);
  for (let root = document; ; ) {
    let at = root.elementFromPoint(x, y);
    for (let deeper; (deeper = at?.shadowRoot?.elementFromPoint(x, y)) && deeper !== at; ) at = deeper;
    if (!at || at !== frames[0]) return at;
    const place = placeOf(at);
    [x, y] = [(x - place.left) / place.across, (y - place.top) / place.down];
    root = documentOf(frames.shift());
  }
};
// The outermost view of the engine's that an element is in, within its own document.
const viewOf = (element) => {
  let view = null;
  for (const at of upwards(element, frameOf(element))) if (at.matches(VIEWS)) view = at;
  return view;
};
// What is in a platform view belongs to the node that says so.
const owns = (element, inside) => {
  const views = new Set([...upwards(inside)].map((at) => at.id).filter(Boolean));
  return [element, ...element.querySelectorAll("[aria-owns]")].some((at) => views.has(at.getAttribute("aria-owns")));
};
const isWithin = (at, element) => [...upwards(at)].includes(element);
// HTML gets a touch on what is in it and on its label; text, on what it is written on.
const reachesHtml = (at, element) =>
  isWithin(at, element) || [...upwards(at)].some((up) => up.localName === "label" && up.control === element) ||
  (!element.matches(CONTROLS) && isWithin(element, at));
// Whether a touch on `at` reaches the app, in the view that the node is in.
const reaches = (at, element) => {
  if (element && isHtml(element)) return reachesHtml(at, element);
  if (at.matches(FRAMES)) return element !== null && owns(element, at);
  if (element && at.closest(PLATFORM_VIEW)) return owns(element, at);
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
  if (view && !at.matches(FRAMES) && !at.closest(PLATFORM_VIEW)) return tagOf(view);
  const whole = `body, ${OF_THE_ENGINE}`;
  const apart = [...upwards(at)].filter((up) => up === at || !(up.matches(whole) || up.querySelector(whole)));
  return tagOf(apart.find((up) => up.id) ?? apart.pop());
};
const KINDS_OF_TAGS = { a: "link", button: "button", summary: "button", select: "button" };
const nodeLabel = (node) => {
  const isField = node.matches(FIELDS) || node.querySelector(FIELDS);
  const role = isField ? "textbox" : node.getAttribute("role") ?? KINDS_OF_TAGS[node.localName] ?? "text";
  const name = node.getAttribute("aria-label") ?? (node.textContent.trim() || node.getAttribute("flt-semantics-identifier"));
  return name ? `${role} "${cut(name)}"` : `a ${role}`;
};
const takes = (node, at) => isNode(node) && (node.matches(TAKERS) || (at.matches(FIELDS) && at.closest(NODE) === node));
const fills = (node, element) => {
  const [inner, outer] = [node, element].map(rectOf);
  const shown = shared(outer, clipOf(element));
  return inner.left <= shown.left && inner.top <= shown.top && inner.right >= shown.right && inner.bottom >= shown.bottom;
};
// A browser's keyboard lies over the page, which keeps its size: only the part that can be seen is smaller.
const underKeyboard = (y) => {
  const seen = window.visualViewport;
  if (!seen || seen.scale > 1.01 || seen.height > 0.85 * document.documentElement.clientHeight) return false;
  return y >= seen.offsetTop + seen.height && Boolean(focused()?.matches(FIELDS));
};

// What a touch at a point meets instead of a node, as [label, kind] (`Cover` in Python); null where it meets the node.
const cover = (element, x, y) => {
  if (underKeyboard(y)) return ["the keyboard", "keyboard"];
  const at = hit(x, y, element);
  if (!at) return null;
  if (!reaches(at, element)) return [foreign(at), "certain"];
  if (element && isHtml(element)) {
    const inner = at.closest(CONTROLS);
    const isPart = inner && inner !== element && isWithin(inner, element) && !fills(inner, element);
    return isPart ? [nodeLabel(inner), "part"] : null;
  }
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
// The same place in each cell of a grid.
const spots = function* ([left, top, width, height], columns, rows, [across, down] = [0.5, 0.5]) {
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      yield [left + (width * (column + across)) / columns, top + (height * (row + down)) / rows];
    }
  }
};
const covers = (element, box, columns, rows, place) => [...spots(box, columns, rows, place)].map(([x, y]) => cover(element, x, y));

// While the page is touched the engine writes no slider's position, and half a second after the last touch it writes that of
// the sliders only whose input told of a change. So with every touch each is told to have changed, to the value it has.
const SLIDERS = "flt-semantics input[type=range], [id^='flt-semantic-node-'] input[type=range]";
let rousing = false;
const rouseSliders = () => {
  rousing = true;
  for (const root of known) for (const input of root.querySelectorAll(SLIDERS)) input.dispatchEvent(new Event("change"));
  rousing = false;
};

// What lies over a frame at some places; a touch there is meant for it.
const frameCovers = (name, places) => {
  const element = byRef(name);
  [aim, touched] = [element, null];
  return places.map(([x, y]) => (element ? cover(element, x, y) : null));
};

// Which element a touch was meant for, and which one the next touch went to.
let aim = null;
let touched = null;
const noteTouch = (event) => { touched ??= event.composedPath()[0]; };
// Returns what a touch at a point met instead of the app; null where it was the app, or another document asks. Empty where
// the browser told the page of no touch at all, which a frame keeps for itself.
const missed = (x, y) => {
  if (!aim) return null;
  const at = touched ?? hit(x, y, aim);
  if (at?.nodeType !== Node.ELEMENT_NODE) return null;
  if (!reaches(at, aim)) return foreign(at);
  return touched || at.matches(FRAMES) ? null : "";
};

// A node's box once it is the same in two frames that follow each other, with what covers the spots of a grid over it:
// once one of them is free, or covered in one of the ways that are `accepted`. Null when the node has gone.
const rest = async (ref, columns, rows, place, accepted, ms) => {
  const until = performance.now() + ms;
  let last = null;
  for (;;) {
    const element = byRef(ref);
    if (!element) return null;
    const box = boxed(shared(isHtml(element) ? placeInPage(element) : rectOf(element), clipOf(element)));
    const still = last !== null && same(box, last);
    if (still || performance.now() >= until) {
      const found = box[2] > 0 && box[3] > 0 ? covers(element, box, columns, rows, place) : [];
      const free = found.some((cover) => cover === null || accepted.includes(cover[1]));
      [aim, touched] = [element, null];
      if (free || performance.now() >= until) return { box, still, covers: found };
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    last = box;
    await frame();
  }
};

// What covers the spots of a grid over a pane, as far as that isn't the app's, and how often the page has changed. Over
// HTML that scrolls, that is what scrolls by itself or isn't in it.
const reach = (box, columns, rows) => {
  const pane = panes.find((each) => near(each.box, box))?.element;
  if (!pane) return [version, covers(null, box, columns, rows)];
  const others = panes.map((each) => each.element).filter((element) => element !== pane && !element.contains(pane));
  const found = [...spots(box, columns, rows)].map(([x, y]) => {
    const at = hit(x, y, pane);
    if (!at) return null;
    const isPanes = isWithin(at, pane) && !at.matches(FRAMES) && !viewOf(at) && !others.some((other) => isWithin(at, other));
    return isPanes ? null : [foreign(at), "certain"];
  });
  return [version, found];
};
