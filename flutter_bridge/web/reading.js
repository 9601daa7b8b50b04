// One reading of all that the page says: the engine's nodes as they are written, and the HTML around and inside.

const ATTRIBUTES = [
  "role", "type", "href", "disabled", "readonly", "tabindex", "placeholder", "data-semantics-role",
  "flt-semantics-identifier", "flt-tappable", "aria-label", "aria-checked", "aria-current", "aria-describedby",
  "aria-description", "aria-disabled", "aria-expanded", "aria-selected", "aria-valuenow", "aria-valuetext", "aria-modal",
];
let panes = [];

const record = (element, clip, focus) => {
  const rect = rectOf(element);
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
  for (const view of ownedViews(element)) children.push(...gather(view, focus));
  if (text) raw.x = text;
  if (children.length) raw.k = children;
  return raw;
};

// -- platform views: HTML that a node says is its own
const ownedViews = (element) => {
  const owned = element.getAttribute("aria-owns");
  if (!owned) return [];
  const ids = owned.split(/\s+/).filter((id) => id.startsWith("flt-pv-"));
  const view = ids.length ? viewOf(element) : null;
  return ids.map((id) => view?.querySelector(`#${CSS.escape(id)}`) ?? element.ownerDocument.getElementById(id)).filter(Boolean);
};
const isOwned = (view) =>
  known.some((root) => [...root.querySelectorAll("[aria-owns]")].some((element) => ownedViews(element).includes(view)));

// -- everything, in the order it is written in
const isEngines = (element) => element.localName === "flutter-view" || element.localName.startsWith("flt-");
const visitEngines = (element, focus) => {
  const found = [];
  for (const host of [element, ...element.querySelectorAll(VIEWS)]) {
    for (const root of [host.shadowRoot, host === element ? host : null]) {
      for (const node of root?.querySelectorAll(NODE) ?? []) {
        if (!node.parentElement?.closest(NODE)) found.push(record(node, clipOf(node), focus));
      }
    }
  }
  for (const view of element.querySelectorAll("flt-platform-view")) if (!isOwned(view)) found.push(...gather(view, focus));
  return found;
};
const visit = (element, focus, spoken) => {
  if (isNode(element)) return [record(element, clipOf(element), focus)];
  if (element.matches(SKIPPED)) return [];
  if (isEngines(element)) return visitEngines(element, focus);
  if (!element.matches(FRAMES)) return visitHtml(element, focus, spoken);
  if (!isShown(element)) return [];
  const inner = documentOf(element);
  if (inner) return inner.body ? visitDocument(inner, focus) : [];
  return element.matches("iframe, frame") ? closedFrame(element) : [];
};

// A frame that keeps its document to itself: it is asked by whoever can, as long as something of it is seen.
let closed = [];
const closedFrame = (frame) => {
  const name = refOf(frame);
  const at = frameAt(name);
  if (at.seen[2] <= 0 || at.seen[3] <= 0) return [];
  closed.push(at);
  const raw = { t: "iframe", i: name, b: boxed(shared(rectOf(frame), clipOf(frame))), p: 1, a: {} };
  for (const attribute of ABOUT_HTML) if (frame.hasAttribute(attribute)) raw.a[attribute] = frame.getAttribute(attribute);
  return [raw];
};

const read = async (after, ms) => {
  if (after >= 0) await change(after, ms);
  enable();
  [panes, closed] = [[], []];
  const nodes = visitDocument(document, focused());
  const flutter = hasFlutter();
  return JSON.stringify({
    version, url: location.href, width: innerWidth, height: innerHeight, ratio: devicePixelRatio,
    flutter, ready, plain: flutter ? 0 : plain, status: status(), title: document.title, blocked, closed, nodes,
  });
};
