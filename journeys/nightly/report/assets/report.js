"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // --- commands are copied ---
  const announcement = byId("announcement");
  function marked(code) {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  async function copy(button) {
    const code = button.previousElementSibling;
    let done = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Where a page from the disk may not: the old way, and at last it is marked for the person to copy.
      code.classList.remove("unseen");
      marked(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Marked";
    announcement.textContent = done ? "Copied" : "The command is marked: copy it";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });
  for (const button of document.querySelectorAll("button.copy")) button.hidden = false;

  // --- paper shows what is folded ---
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("article details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });

  // --- every cell ---
  const list = byId("list");
  if (!list) return;
  const PAGE = 100;
  const STATUS = { p: "passed", f: "failed", i: "inconclusive", e: "error", n: "not run" };
  const show = byId("show"), find = byId("find"), rows = byId("rows"), more = byId("more"), count = byId("count");
  let data = null, all = [], fitting = [], shown = 0, cause = null;

  function read() {
    // Only once somebody looks: a large night has tens of thousands of cells.
    if (data) return;
    data = JSON.parse(byId("cells").textContent);
    const found = new Map(data.found.map((each) => [each[0] * data.castings.length + each[1], each]));
    all = [];
    data.rows.forEach((letters, journey) => {
      for (let casting = 0; casting < letters.length; casting += 1) {
        if (letters[casting] === "-") continue;
        const of = found.get(journey * data.castings.length + casting);
        all.push({ journey, casting, status: STATUS[letters[casting]], cause: of ? of[2] : -1, results: of ? of[3] : "" });
      }
    });
  }

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function drawn(cell) {
    const row = document.createElement("tr");
    const [id, quoted, name] = data.journeys[cell.journey];
    const [casting, option] = data.castings[cell.casting];
    const status = element("td");
    status.append(element("span", cell.status, { class: `status ${cell.status.replace(" ", "-")}` }));
    const evidence = element("td");
    if (cell.results) evidence.append(element("a", "files", { href: cell.results, "aria-label": `Files of ${id} on ${casting}` }));
    const again = element("td");
    const command = element("span", "", { class: "command" });
    command.append(
      element("code", `${data.command} ${quoted || id} ${option}`, { class: "unseen" }),
      element("button", "Copy", { type: "button", class: "copy", "aria-label": `Copy: ${id} on ${casting}` }),
    );
    again.append(command);
    row.append(status, element("th", id, { scope: "row", title: name }), element("td", casting), element("td", cell.cause < 0 ? "" : data.causes[cell.cause][1]), evidence, again);
    return row;
  }

  function draw() {
    const part = fitting.slice(shown, shown + PAGE);
    rows.append(...part.map(drawn));
    shown += part.length;
    more.hidden = shown >= fitting.length;
    const of = cause === null ? "" : " of that cause";
    count.textContent = fitting.length
      ? `${shown.toLocaleString("en")} of ${fitting.length.toLocaleString("en")} ${fitting.length === 1 ? "cell" : "cells"}${of}`
      : `No cell${of} fits`;
  }

  function filter() {
    read();
    const wanted = show.value;
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = words.length
      ? { journeys: data.journeys.map((each) => `${each[0]} ${each[2]}`.toLowerCase()), castings: data.castings.map((each) => each[0].toLowerCase()), causes: data.causes.map((each) => each[1].toLowerCase()) }
      : null;
    fitting = all.filter((cell) => {
      if (cause !== null && cell.cause !== cause) return false;
      if (wanted === "unpassed" ? cell.status === "passed" : wanted !== "all" && cell.status !== wanted) return false;
      if (!text) return true;
      const of = cell.cause < 0 ? "" : text.causes[cell.cause];
      return words.every((word) => text.journeys[cell.journey].includes(word) || text.castings[cell.casting].includes(word) || of.includes(word));
    });
    rows.replaceChildren();
    shown = 0;
    draw();
  }

  show.addEventListener("change", filter);
  find.addEventListener("input", filter);
  more.addEventListener("click", () => {
    const before = rows.children.length;
    draw();
    // The button may be gone: go on where the new ones begin.
    rows.children[before]?.querySelector("button")?.focus({ preventScroll: !more.hidden });
  });
  list.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  list.querySelector("form").addEventListener("reset", () => { cause = null; setTimeout(filter); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-cause]");
    if (!link) return;
    read();
    cause = data.causes.findIndex((each) => each[0] === link.dataset.cause && each[2] === link.dataset.section);
    show.value = "all";
    find.value = "";
    filter();
    byId("every").focus();
  });
  if (list.dataset.unpassed === "0") show.value = "all";
  list.hidden = false;
  byId("without").hidden = true;
  // What is far below waits until it comes near.
  const near = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      near.disconnect();
      if (!data) filter();
    }
  }, { rootMargin: "600px" });
  near.observe(list);
})();
