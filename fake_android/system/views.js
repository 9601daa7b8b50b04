// An element with data-class stands for the Android view of that class: its text, id, state and place are the view's.
(() => {
  const rect = ({ left, top, right, bottom }) => [left, top, right, bottom];
  const shared = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  const ownText = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();

  // What a view is known by as long as its element is there.
  const numbers = new WeakMap();
  let last = 0;
  const number = (element) => {
    if (!numbers.has(element)) numbers.set(element, (last += 1));
    return numbers.get(element);
  };

  const view = (element, clip) => {
    const data = element.dataset;
    const bounds = shared(rect(element.getBoundingClientRect()), clip);
    const displayed = element.checkVisibility() && bounds[2] > bounds[0] && bounds[3] > bounds[1];
    const scrolls = data.scrollable !== undefined;
    return {
      number: number(element), class: data.class, id: data.id, description: data.description, text: ownText(element), bounds, displayed,
      clickable: data.clickable !== undefined, longClickable: data.longClickable !== undefined,
      enabled: data.disabled === undefined, selected: data.selected !== undefined,
      scrollable: scrolls && element.scrollHeight > element.clientHeight,
      children: children(element, scrolls ? bounds : clip),
    };
  };
  const children = (element, clip) =>
    [...element.children].flatMap((child) => (child.dataset.class ? [view(child, clip)] : children(child, clip)));

  globalThis.standinViews = () => view(document.querySelector("[data-class]"), [0, 0, innerWidth, innerHeight]);

  // A touch of an element with data-take is an answer to whoever shows the page, a long one of one with data-hold another.
  // How long it was, its own stamps say: on a busy machine its end is told late, which makes no long press of it.
  const HOLD = 500;
  const SLOP = 8;
  let touched = null;
  const answer = (element, name) => {
    const taker = element.closest(`[data-${name}]`);
    return taker && taker.dataset.disabled === undefined ? taker.dataset[name] : undefined;
  };
  addEventListener("pointerdown", (event) => { touched = event.isPrimary ? event : null; });
  addEventListener("pointermove", (event) => {
    if (touched && Math.hypot(event.clientX - touched.clientX, event.clientY - touched.clientY) > SLOP) touched = null;
  });
  addEventListener("pointercancel", () => { touched = null; });
  addEventListener("pointerup", (event) => {
    const begun = touched;
    touched = null;
    if (!begun) return;
    const long = event.timeStamp - begun.timeStamp >= HOLD;
    const said = (long ? answer(begun.target, "hold") : undefined) ?? answer(begun.target, "take");
    if (said !== undefined) standinTake(said);
  });
  addEventListener("contextmenu", (event) => event.preventDefault());
})();
