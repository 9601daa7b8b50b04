"use strict";
// What all of the page is made of: elements, pictures, numbers as people read them.

/** Makes an element; attributes that are functions listen, children that are text stay text. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "style") for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

let embedded = null;

/** The address of a picture: one that is in the page by its name, else the one beside it. */
function picture(name) {
  if (!name.startsWith("#")) return name;
  embedded ??= JSON.parse(document.getElementById("pictures").textContent);
  return `data:image/webp;base64,${embedded[name]}`;
}

async function readRun() {
  const packed = Uint8Array.from(atob(document.getElementById("run").textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const MARKS = { passed: "✓", failed: "✗", inconclusive: "?", error: "!" };

function verdict(status) {
  const known = MARKS[status] ? status : "error";
  return make("span", { class: `verdict ${known}` }, make("span", { "aria-hidden": "true" }, MARKS[known]), ` ${status}`);
}

const seconds = (value) => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const milliseconds = (value) => `${Math.round(value * 1000).toLocaleString("en")} ms`;

/** An interval as the tables have it, rounded outwards. */
function bounds({ low, high }) {
  const from = Math.floor(low * 1000 + 1e-9), to = Math.ceil(high * 1000 - 1e-9);
  return `${from.toLocaleString("en")}–${to.toLocaleString("en")} ms`;
}

function copyButton(words) {
  const button = make("button", {
    type: "button", class: "copy", click: async () => {
      const done = await navigator.clipboard.writeText(words).then(() => true, () => false);
      button.textContent = done ? "copied" : "select it by hand";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    },
  }, "copy");
  return make("span", { class: "command" }, make("code", {}, words), button);
}

/** The interval that was held against a budget, on a ruler. */
function ruler(surface) {
  const { measured, budget_s: budget } = surface;
  const end = Math.max(budget, measured.high) * 1.12;
  const at = (value) => `${Math.max(0, Math.min(100, value / end * 100))}%`;
  const words = `${bounds(measured)} after ${surface.from}; ${milliseconds(budget)} allowed`;
  return make("div", { class: "ruler", role: "img", "aria-label": words },
    make("div", {
      class: `span ${surface.verdict}`,
      style: { left: at(measured.low), width: `max(3px, ${at(measured.high - measured.low)})` },
    }),
    make("div", { class: "limit", style: { left: at(budget) } }),
    make("span", { class: "tick", style: { left: "0" } }, "0"),
    make("span", { class: "tick limit-name", style: { left: at(budget) } }, milliseconds(budget)));
}

/** One of the frames that decided, cut to the surface, with its box. */
function look({ name, picture: cut, href, distance }) {
  // What is small on a screen is enlarged, so that people see what was recognised.
  const longest = cut ? Math.max(...cut.size) : 1;
  const scale = Math.min(180 / longest, Math.max(1, 84 / longest));
  const frame = cut && make("span", { class: "cut", style: { width: `${cut.size[0] * scale}px` } },
    make("img", { src: picture(cut.picture), alt: "", width: cut.size[0] * scale, height: cut.size[1] * scale }),
    cut.box && make("span", {
      class: "box", style: Object.fromEntries(["left", "top", "width", "height"]
        .map((key, number) => [key, `${cut.box[number] * scale}px`])),
    }));
  const words = distance === null ? name : `${name}; ${distance} of 64 bits from the new picture`;
  return make("figure", { class: "look" },
    href ? make("a", { href, title: "the whole frame", "aria-label": `${name}: the whole frame` }, frame ?? "the whole frame") : frame,
    make("figcaption", {}, words));
}

/** What a measured interval's reason says beyond the interval. */
function caveats(surface) {
  return surface.measured && surface.verdict !== "passed" && !surface.fault ? surface.reason.split("; ").slice(1) : [];
}

function surfaceCard(surface) {
  return make("li", { class: "surface" },
    make("h3", {}, `${surface.actor}'s ${surface.surface}`, make("span", { class: "quiet" }, ` on ${surface.target}`), verdict(surface.verdict)),
    make("p", {}, `${[surface.sentence, ...caveats(surface)].join("; ")}.`),
    surface.measured ? ruler(surface) : null,
    make("p", { class: "quiet" }, `${surface.frames} frames by ${surface.source}; expected: ${surface.wanted}`),
    surface.looks.length ? make("div", { class: "looks" }, surface.looks.map(look)) : null);
}
