// What kind of page this is, and an app's semantics, which are to be turned on.

const PLACEHOLDER = "flt-semantics-placeholder";
const FLUTTER = `${VIEWS}, ${PLACEHOLDER}, flt-semantics-host, ${NODE}`;
// By their files' names: an address may have the word anywhere.
const LOADERS = /(^|\/)(flutter|main\.dart)[^/]*\.m?js$/;
const PRESSES_BESIDE_NODES = 5;

// -- a click on the placeholder's very middle (mobile engines insist on the place, give up after twenty misses, and
// take 300 ms), again while nothing comes of it, as an app still starting may miss it. Where another app of the same
// document has nodes already, nobody can tell whose the placeholder is: it is clicked a few times and then left.
let ready = false;
const presses = new WeakMap();
const press = (placeholder) => {
  const { at, times } = presses.get(placeholder) ?? { at: -Infinity, times: 0 };
  const now = performance.now();
  const hasNodes = known.some((root) => (root.ownerDocument ?? root) === placeholder.ownerDocument && root.querySelector(NODE));
  if (now - at < 500 || (hasNodes && times >= PRESSES_BESIDE_NODES)) return;
  presses.set(placeholder, { at: now, times: times + 1 });
  const { left, top, width, height } = placeholder.getBoundingClientRect();
  placeholder.dispatchEvent(
    new MouseEvent("click", {
      bubbles: true, cancelable: true, composed: true, view: placeholder.ownerDocument.defaultView,
      clientX: left + width / 2, clientY: top + height / 2,
    }),
  );
  setTimeout(enable, 550);
};
const enable = () => {
  ready ||= Boolean(first(NODE));
  for (const root of roots()) root.querySelectorAll(PLACEHOLDER).forEach(press);
};

// -- a page without any sign of a Flutter app, once it is loaded and quiet: 1, and after a longer while 2
const loads = (script) => LOADERS.test(script.src.replace(/[?#].*/, ""));
const hasFlutter = () =>
  ready || "_flutter" in globalThis || Boolean(first(FLUTTER)) || known.some((root) => [...(root.scripts ?? [])].some(loads));
let plain = 0;
let loadedAt = null;
const settle = () => {
  if (document.readyState !== "complete" || hasFlutter()) return;
  const now = performance.now();
  loadedAt ??= now;
  const [calm, since] = [now - Math.max(changedAt, loadedAt), now - loadedAt];
  const level = calm >= 8000 || since >= 12_000 ? 2 : calm >= 1000 || since >= 4000 ? 1 : 0;
  if (level <= plain) return;
  plain = level;
  wake();
};
const start = () => {
  try {
    new PerformanceObserver(() => { changedAt = performance.now(); }).observe({ type: "resource" });
  } catch {
    // A browser that doesn't tell: what it loads shows in the page.
  }
  const starting = setInterval(() => {
    enable();
    settle();
    if (ready || plain === 2) clearInterval(starting);
  }, 50);
  roots();
};
const status = () => performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
