// A window that the browser keeps from being opened: it says so to nobody but the page.

let blocked = "";
const openWindow = window.open;
window.open = function (...given) {
  const opened = openWindow.apply(this, given);
  // One that is to know nothing of its opener is never handed to it.
  const isHandedOver = !/noopener|noreferrer/.test(given[2] ?? "");
  blocked = opened || !isHandedOver ? "" : new URL(given[0] ?? "", location.href).href.replace(/[?#].*/, "");
  return opened;
};
