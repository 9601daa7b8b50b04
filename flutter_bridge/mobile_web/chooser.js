// Runs in every document before the app does. Takes the place of the browser's file chooser, which no client can
// operate: keeps the field that asks for a file, and gives it one that was sent here before.
(() => {
  if (globalThis.__flutterBridgeChooser) return;
  // A frame of the same origin has the page keep its fields; one of another origin is left alone.
  let page = null;
  try {
    page = window.top === window ? null : window.top.__flutterBridgeChooser;
    if (page === undefined) return;
  } catch {
    return;
  }

  let asking = null;
  let sent = null;
  let waiting = [];
  const isFileField = (element) => element instanceof HTMLInputElement && element.type === "file" && !element.disabled;
  // A browser opens its chooser for a person only, who has just done something.
  const someoneActed = () => navigator.userActivation?.isActive ?? true;
  const ask = (field) => {
    if (page) return page.ask(field);
    asking = field;
    waiting.forEach((wake) => wake(true));
    waiting = [];
  };
  for (const name of ["click", "showPicker"]) {
    const original = HTMLInputElement.prototype[name];
    if (!original) continue;
    HTMLInputElement.prototype[name] = function (...given) {
      if (isFileField(this) && someoneActed()) ask(this);
      else original.apply(this, given);
    };
  }
  const clicked = (event) => {
    const field = event.composedPath()[0];
    if (!isFileField(field)) return;
    event.preventDefault();
    ask(field);
  };
  addEventListener("click", clicked, true);

  // Keeps a file for the field that will ask.
  const send = (name, type, encoded) => {
    asking = null;
    sent = new File([Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))], name, { type });
  };

  // Resolves with whether a field asks for a file in time.
  const asked = (ms) =>
    new Promise((resolve) => {
      if (asking) return resolve(true);
      waiting.push(resolve);
      setTimeout(() => resolve(asking !== null), ms);
    });

  const give = () => {
    const chosen = new DataTransfer();
    chosen.items.add(sent);
    asking.files = chosen.files;
    for (const name of ["input", "change"]) asking.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
    asking = sent = null;
  };

  globalThis.__flutterBridgeChooser = { send, ask, asked, give };
})();
