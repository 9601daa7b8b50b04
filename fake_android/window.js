// Runs in every document a stand-in shows, beside the bridge's page.js: what a phone knows of a screen and a page doesn't say.
(() => {
  if (globalThis.__standin || window.top !== window) return;

  const NODE = "flt-semantics, [id^='flt-semantic-node-']";
  const focused = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };

  // -- what text fields said while they had the focus: without it the engine keeps their text out of the document
  const said = new Map();
  const learn = (field) => {
    if (!field?.matches?.("input:not([type=range]), textarea")) return;
    const node = field.closest(NODE);
    if (node?.id) said.set(node.id, { node, text: field.value });
  };
  for (const name of ["input", "focusin", "focusout"]) addEventListener(name, (event) => learn(event.composedPath()[0]), true);
  const known = () => {
    learn(focused());
    for (const [ref, { node }] of said) if (!node.isConnected) said.delete(ref);
    return Object.fromEntries([...said].map(([ref, { text }]) => [ref, text]));
  };

  // -- the soft keyboard: it comes up with a field's focus, or when the field that has it is touched. Going back hides it.
  const { show, hide: hideKeyboard, use: useKeyboard, look: keyboard } = globalThis.__standinKeyboard;
  const isField = (element) => element?.matches?.("input:not([type=range], [type=file]), textarea") ?? false;
  const showKeyboard = () => show(focused);
  addEventListener("focusin", (event) => { if (isField(event.composedPath()[0])) showKeyboard(); }, true);
  addEventListener("focusout", hideKeyboard, true);
  // A field that is taken away tells nobody that it loses the focus.
  new MutationObserver(() => { if (!isField(focused())) hideKeyboard(); }).observe(document, { subtree: true, childList: true });
  // By its place: while a field is edited the engine lays an empty node over the screen, which gets the touch.
  addEventListener("touchstart", ({ touches: [{ clientX, clientY }] }) => {
    if (!isField(focused())) return;
    const { left, top, right, bottom } = focused().getBoundingClientRect();
    if (left <= clientX && clientX < right && top <= clientY && clientY < bottom) showKeyboard();
  }, true);

  // -- when it last changed, for Android's wait for idle
  let changedAt = performance.now();
  const changed = () => { changedAt = performance.now(); };
  new MutationObserver(changed).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const name of ["input", "focusin", "focusout", "scroll", "resize"]) addEventListener(name, changed, true);
  const calm = async (still, ms) => {
    const until = performance.now() + ms;
    for (;;) {
      const left = Math.min(changedAt + still, until) - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  };

  // -- the smallest reason to present a frame: one invisible pixel, moved without touching the document
  let pulse = null;
  const present = () => {
    if (!pulse?.effect.target.isConnected) {
      const pixel = document.createElement("standin-pulse");
      pixel.style.cssText =
        "position:fixed;left:0;bottom:0;width:1px;height:1px;pointer-events:none;background:rgba(0,0,0,0.004);will-change:opacity";
      document.documentElement.append(pixel);
      pulse = pixel.animate([{ opacity: 0.1 }, { opacity: 0.4 }], { duration: 1000, iterations: Infinity });
      pulse.pause();
    }
    pulse.currentTime = pulse.currentTime > 0 ? 0 : 500;
  };

  const hasFocus = (field) => field === focused();

  // -- On Android a touch moves no focus, the app does. The mouse event that a browser makes of a touch would: it comes
  // after the touch, and so takes the focus from the field which the app has just given it to.
  addEventListener("mousedown", (event) => {
    if (!event.composedPath()[0].matches?.("input, textarea")) event.preventDefault();
  }, true);

  // -- Android's onNewIntent: an app that runs is told of a place to go to, and isn't loaded anew
  const visit = (address) => {
    if (location.href === address) return;
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: null }));
  };

  // -- a field as the page has it: whether it has the focus, its text, its selection; and the fields asked for, beside that
  // which has the focus
  const stateOf = (ref) => {
    const field = __flutterBridge.fieldOf(ref);
    return isField(field) ? [field === focused(), field.value, field.selectionStart, field.selectionEnd] : null;
  };
  const states = (refs) => {
    const edited = isField(focused()) ? focused().closest(NODE)?.id : "";
    return Object.fromEntries([...refs, ...(edited ? [edited] : [])].map((ref) => [ref, stateOf(ref)]));
  };

  const read = async (refs = []) => [await __flutterBridge.read(-1, 0), known(), keyboard(), states(refs)];

  // The next frame; where none comes for two seconds, nothing is drawn that could be waited for.
  const frame = () =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, 2000);
      requestAnimationFrame(() => { clearTimeout(timer); resolve(); });
    });
  const drawn = () => frame().then(frame);

  globalThis.__standin = { read, calm, present, hasFocus, keyboard, hideKeyboard, useKeyboard, stateOf, visit, drawn };
})();
