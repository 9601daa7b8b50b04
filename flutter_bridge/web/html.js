// Ordinary HTML: a page before or after the app, what lies around it, and what is in its platform views.

const SKIPPED = "script, style, template, noscript, head, [aria-hidden='true'], [inert], flutter-bridge-heartbeat";
const CONTROLS =
  "a[href], button, input:not([type='hidden']), select, textarea, summary, [contenteditable]:not([contenteditable='false']), " +
  ["button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "slider", "textbox", "searchbox", "combobox"]
    .map((role) => `[role='${role}']`).join(", ");
// What is called by all that is in it, and isn't looked into.
const LEAVES = `${CONTROLS}, img, svg, progress, meter, option`;
const TELLING = `${LEAVES}, h1, h2, h3, h4, h5, h6, ul, ol, li, dialog, [role], [aria-label], [id], [data-testid]`;
const PARAGRAPHS = "p, td, th, dt, dd, legend, caption, figcaption";
const ABOUT_HTML = ["title", "alt", "id", "data-testid", "contenteditable", "aria-labelledby"];

const isShown = (element) => element.checkVisibility?.() ?? element.getClientRects().length > 0;
const isHtml = (element) => !isNode(element);

// -- what can be read on it, line by line
const TEXTLESS = `${SKIPPED}, select, textarea, iframe, object`;
const textOf = (element, skip = () => false) => {
  let text = "";
  for (const child of childrenOf(element)) {
    if (child.nodeType === Node.TEXT_NODE) text += child.data.replace(/\s+/g, " ");
    else if (child.nodeType !== Node.ELEMENT_NODE || child.matches(TEXTLESS) || skip(child)) continue;
    else if (child.matches("br")) text += "\n";
    else if (child.matches("img")) text += child.alt;
    else if (isShown(child) || getComputedStyle(child).display === "contents") {
      const inside = textOf(child, skip);
      text += getComputedStyle(child).display.startsWith("inline") ? inside : `\n${inside}\n`;
    }
  }
  return text;
};
const isLabel = (element) => element.matches("label") && Boolean(element.control);
const isInline = (element) => /^(inline|contents)/.test(getComputedStyle(element).display);
// A sentence has its links and its bold words, and no more: what a field is called is the field's.
const isApart = (element) =>
  !isInline(element) || (element.matches(CONTROLS) && !element.matches("a")) || isLabel(element);
const hasText = (element) =>
  [...childrenOf(element)].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
const labelledBy = (element) => {
  const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const labels = ids.map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean);
  return (labels.length ? labels : [...(element.labels ?? [])]).map((label) => textOf(label).trim()).join(" ");
};

// -- where it is: a box to tick, or a choice of files, may be drawn by its label alone, and is where that is
const drawingLabel = (element) =>
  element.matches("input:is([type='checkbox'], [type='radio'], [type='file'])") ? [...element.labels].find(isShown) ?? null : null;
const placeInPage = (element) => {
  const rect = rectOf(element);
  const label = drawingLabel(element);
  const { opacity, visibility } = getComputedStyle(element);
  const isDrawn = rect.right - rect.left > 1 && rect.bottom - rect.top > 1 && opacity !== "0" && visibility === "visible";
  return label && !(isDrawn && isShown(element)) ? rectOf(label) : rect;
};
// Whether a view of the engine's lies over it, as over what a page shows until the app is there.
const isUnderView = (element, { left, top, right, bottom }) => {
  const at = hit((left + right) / 2, (top + bottom) / 2, element);
  return Boolean(at && viewOf(at) && !viewOf(element));
};

// -- records
const childrenOf = (element) => {
  if (element.shadowRoot) {
    shadows.add(element.shadowRoot);
    watch(element.shadowRoot);
    return element.shadowRoot.childNodes;
  }
  const assigned = element.matches("slot") ? element.assignedNodes() : [];
  return assigned.length ? assigned : element.childNodes;
};
// Within a sentence that is read as a whole its words are no nodes of their own; within a label nothing that is read is.
const gather = (element, focus, spoken = "") =>
  [...childrenOf(element)].flatMap((child) => (child.nodeType === Node.ELEMENT_NODE ? visit(child, focus, spoken) : []));

const scrollAxis = (element, { overflowX, overflowY }) => {
  if (/auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1) return "y";
  return /auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1 ? "x" : "";
};

const htmlRecord = (element, focus, axis) => {
  const rect = placeInPage(element);
  const seen = shared(rect, clipOf(element));
  const hidden = seen.right <= seen.left || seen.bottom <= seen.top;
  const isLeaf = element.matches(LEAVES);
  const raw = { t: element.localName, i: refOf(element), b: boxed(hidden ? rect : seen), p: 1, a: {} };
  for (const name of [...ATTRIBUTES, ...ABOUT_HTML]) {
    const value = element.getAttribute(name);
    if (value !== null) raw.a[name] = value;
  }
  if (element === focus) raw.f = 1;
  if (element.matches(":disabled")) raw.d = 1;
  if (element.matches("[type='checkbox'], [type='radio']")) raw.c = element.checked ? 1 : 0;
  const value = element.matches("select") ? element.selectedOptions[0]?.text : element.matches(EDITED) ? element.innerText : element.value;
  if (typeof value === "string" && value) raw.v = value;
  const label = labelledBy(element);
  if (label) raw.n = label;
  const reads = isLeaf && !element.matches(`${FIELDS}, select, ${EDITED}`);
  const isTitle = element.matches("h1, h2, h3, h4, h5, h6");
  const spoken = isLabel(element) ? "label" : isTitle || isText(element) ? "sentence" : "";
  const text = reads || isTitle ? textOf(element) : spoken === "sentence" ? textOf(element, isApart) : "";
  if (text.trim()) raw.x = text;
  const children = isLeaf ? [] : gather(element, focus, spoken);
  if (hidden || (!children.length && isUnderView(element, seen))) raw.h = 1;
  if (axis) panes.push({ element, box: raw.b });
  // What scrolls is in it, so that it may be a list or a dialog itself.
  if (children.length) raw.k = axis ? [{ t: "div", i: raw.i, b: raw.b, p: 1, s: axis, k: children }] : children;
  return raw;
};
const isText = (element) => (hasText(element) || element.matches(PARAGRAPHS)) && !isLabel(element);

const visitHtml = (element, focus, spoken) => {
  const style = getComputedStyle(element);
  const isDrawn = drawingLabel(element) !== null;
  if (style.display !== "contents" && !isShown(element) && !isDrawn) return [];
  const axis = element.matches(`body, ${LEAVES}`) ? "" : scrollAxis(element, style);
  const tells = element.matches(TELLING) && !element.matches("input[type='hidden'], svg:not([role], [aria-label])");
  const isWord = spoken === "label" || (spoken === "sentence" && isInline(element));
  const isRead = tells || axis || (isText(element) && !isWord);
  if (isRead && (style.visibility === "visible" || isDrawn)) return [htmlRecord(element, focus, axis)];
  return element.matches("svg") ? [] : gather(element, focus, isLabel(element) ? "label" : isWord ? spoken : "");
};

// All that a document shows, in a pane where it can be scrolled as a whole.
const visitDocument = (inner, focus) => {
  const html = inner.documentElement;
  const body = inner.body;
  const found = !body ? [] : isText(body) ? [htmlRecord(body, focus, "")] : gather(body, focus);
  const isCut = [html, body].some((each) => each && /hidden|clip/.test(getComputedStyle(each).overflowY));
  const scroller = inner.scrollingElement ?? html;
  if (!found.some((each) => each.p) || isCut || scroller.scrollHeight <= scroller.clientHeight + 1) return found;
  const frame = frameOf(html);
  const b = boxed(frame ? shared(rectOf(frame), clipOf(frame)) : screen());
  panes.push({ element: html, box: b });
  return [{ t: "html", i: refOf(html), b, p: 1, s: "y", k: found }];
};
