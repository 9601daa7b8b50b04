// The soft keyboard of a stand-in, which window.js shows, hides and asks about: a window of its own, so that no reading of
// the app has it. It lies over the app, and a browser on a phone tells a page what Android tells an app: that the part of it
// that can be seen is smaller, and by how much.
(() => {
  if (globalThis.__standinKeyboard || window.top !== window) return;

  const ROWS = [[..."qwertyuiop"], [..."asdfghjkl"], [..."zxcvbnm"], [",", " ", ".", "\n"]];
  const NAMES = { " ": "Space", "\n": "Enter" };
  const WIDTHS = { " ": 6, "\n": 2 };
  const HEIGHT = 300;
  let board = null;
  const covered = () => board?.offsetHeight ?? 0;
  const boxed = ({ left, top, width, height }) => [left, top, width, height];

  const viewport = globalThis.visualViewport;
  const height = Object.getOwnPropertyDescriptor(VisualViewport.prototype, "height").get;
  Object.defineProperty(viewport, "height", { configurable: true, get: () => height.call(viewport) - covered() });
  // Two frames on: the engine takes a smaller page for a keyboard only once it knows that a field is being edited.
  const tell = () =>
    requestAnimationFrame(() => requestAnimationFrame(() => viewport.dispatchEvent(new Event("resize"))));

  // What a key does that isn't a letter: a new line where the field has several, else what the app does when one is done.
  const enter = (field) => {
    if (field?.matches("textarea")) return document.execCommand("insertText", false, "\n");
    const key = { key: "Enter", code: "Enter", keyCode: 13, which: 13, bubbles: true, cancelable: true, composed: true };
    for (const name of ["keydown", "keyup"]) field?.dispatchEvent(new KeyboardEvent(name, key));
  };
  const press = (event, field) => {
    event.preventDefault();
    const { clientX, clientY } = event.changedTouches[0];
    const under = [...board.querySelectorAll("[data-key]")].find((key) => {
      const { left, top, right, bottom } = key.getBoundingClientRect();
      return left <= clientX && clientX < right && top <= clientY && clientY < bottom;
    });
    const key = under?.dataset.key;
    if (key === "\n") enter(field());
    else if (key) document.execCommand("insertText", false, key);
  };

  const show = (field) => {
    if (board || globalThis.__standinTypesWithoutKeyboard) return;
    board = document.createElement("standin-keyboard");
    board.style.cssText = `position:fixed;left:0;right:0;bottom:0;height:min(${HEIGHT}px, 50%);z-index:2147483647;display:flex;
      flex-direction:column;background:#dde1e7;color:#30343b;font:24px monospace;text-align:center;touch-action:none`;
    for (const row of ROWS) {
      const line = document.createElement("div");
      line.style.cssText = "flex:1;display:flex;align-items:center";
      for (const key of row) {
        const cell = Object.assign(document.createElement("div"), { textContent: NAMES[key] ?? key });
        cell.dataset.key = key;
        cell.style.cssText = `flex:${WIDTHS[key] ?? 1};height:100%;display:grid;place-content:center`;
        line.append(cell);
      }
      board.append(line);
    }
    board.addEventListener("touchstart", (event) => press(event, field), { passive: false });
    document.documentElement.append(board);
    tell();
  };
  const hide = () => {
    if (!board) return false;
    board.remove();
    board = null;
    tell();
    return true;
  };
  const use = (shown) => {
    globalThis.__standinTypesWithoutKeyboard = !shown;
    if (!shown) hide();
  };
  // Where it is, and each key with what it is called; null where it isn't up.
  const look = () =>
    board && {
      box: boxed(board.getBoundingClientRect()),
      keys: [...board.querySelectorAll("[data-key]")].map((key) => [key.textContent, boxed(key.getBoundingClientRect())]),
    };

  globalThis.__standinKeyboard = { show, hide, use, look };
})();
