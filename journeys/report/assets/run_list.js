// The run as a whole: what it came to, its journeys, what is looked for among them.

const ORDER = ["failed", "error", "inconclusive", "passed"];
const WHOSE = {
  verdict: "what the app did", screen: "a screen that differs", setup: "something to set right first",
  infrastructure: "not the app: it may be tried again",
};

const MOST_LOGGED = 3;

function article(journey) {
  const body = make("div", { class: "body" });
  const node = make("details", {
    class: `journey ${journey.status}`, id: journey.address,
    toggle: () => {
      if (node.open && !body.childElementCount) body.append(...inside(journey));
      if (node.open) history.replaceState(null, "", `#${encodeURIComponent(journey.address)}`);
    },
  },
  make("summary", {},
    verdict(journey.status),
    make("span", { class: "name" }, journey.name),
    make("span", { class: "quiet" }, ` ${journey.priority} · ${journey.casting || journey.targets.join(", ")} · ${seconds(journey.duration_s)}${journey.attempt > 1 ? ` · attempt ${journey.attempt}` : ""}`),
    make("span", { class: "headline" }, journey.headline)),
  body);
  return node;
}

function inside(journey) {
  // What a surface did stands with it, below.
  const stated = new Set(journey.surfaces.map((one) => `${one.actor}'s ${one.surface} ${one.reason}`));
  const errors = journey.error ? journey.error.split("\n").filter((line) => !stated.has(line)) : [];
  const logged = journey.status === "passed" ? [] : journey.lines.filter((line) => /error|severe|fatal/i.test(line.level) && !isUnreached(journey, line)).slice(-MOST_LOGGED);
  const notes = ["reopened", "unreached", "unreported"].flatMap((key) => journey[key] ?? []);
  return [
    journey.cause ? make("p", { class: "quiet" }, `Whose: ${WHOSE[journey.cause] ?? journey.cause}.`,
      journey.broken ? ` It broke in the step “${journey.broken}”.` : "") : null,
    errors.length ? make("ul", { class: "errors" }, errors.map((line) => make("li", {}, line))) : null,
    logged.length ? make("section", { class: "logged" }, make("p", { class: "quiet" }, "Errors in the logs, the last ones:"),
      list(logged.map((line) => `${seconds(line.at_s)} ${line.log}: ${line.text}`))) : null,
    make("p", { class: "again" }, "Once more: ", copyButton(journey.rerun)),
    journey.surfaces.length ? make("section", {}, make("h2", {}, "What people saw"),
      make("ul", { class: "surfaces" }, [...journey.surfaces].sort((a, b) => (a.verdict === "passed") - (b.verdict === "passed")).map(surfaceCard))) : null,
    notes.length && journey.status !== "passed" ? make("section", {}, make("h2", {}, "Worth knowing"), list(notes)) : null,
    make("h2", {}, "When"), timeline(journey),
    journey.screens.length ? make("section", {}, make("h2", {}, "Screens"), make("ul", { class: "screens" },
      journey.screens.map((screen) => make("li", {},
        verdict(screen.accepted ? "passed" : "failed"), ` ${screen.screen} (${screen.actor}, ${screen.target}, ${screen.theme}): ${screen.summary} `,
        screen.href ? make("a", { href: screen.href }, "its pictures") : null))),
    journey.screens.some((screen) => !screen.accepted) ? make("p", {}, "Decide on them: ", copyButton("journeys review")) : null) : null,
    make("details", { class: "steps" }, make("summary", {}, `All ${journey.steps.length} steps`),
      make("ol", {}, journey.steps.map((step) => make("li", { class: step.error ? "broken" : null, style: { "--depth": String(step.depth) } },
        make("span", { class: "quiet" }, `${seconds(step.started_s)} `), step.title,
        make("span", { class: "quiet" }, ` ${seconds(step.duration_s)}`), step.error ? `: ${step.error}` : "")))),
    notes.length && journey.status === "passed" ? make("details", { open: journey.attempt > 1 }, make("summary", {}, `Worth knowing: ${notes.length}`), list(notes)) : null,
    journey.files.length ? make("section", {}, make("h2", {}, "Kept beside this page"), make("ul", { class: "files" },
      journey.files.map((file) => make("li", {}, make("a", { href: file.href }, file.name), file.how ? [" ", copyButton(file.how)] : "")))) : null,
  ].filter(Boolean);
}

/** Whether a log only says of a host what stands below anyway. */
function isUnreached(journey, line) {
  return (journey.unreached ?? []).length > 0 && line.text.startsWith("Failed to load resource: net::");
}

function list(lines) { return make("ul", { class: "notes" }, lines.map((line) => make("li", {}, line))); }

function page(run) {
  const counts = new Map(ORDER.map((status) => [status, run.journeys.filter((one) => one.status === status).length]));
  const articles = run.journeys.map((journey) => ({ journey, node: article(journey), words: JSON.stringify([journey.id, journey.name, journey.casting, journey.headline, journey.error, journey.actors]).toLowerCase() }));
  const wanted = { status: "", words: "" };
  const none = make("p", { class: "none", role: "status", hidden: true }, "No journey is like that.");
  function filter() {
    let left = 0;
    for (const { journey, node, words } of articles) {
      node.hidden = (wanted.status && journey.status !== wanted.status) || !wanted.words.split(/\s+/).every((word) => words.includes(word));
      left += node.hidden ? 0 : 1;
    }
    none.hidden = left > 0 || !articles.length;
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.status === wanted.status)));
  }
  const chips = ORDER.filter((status) => counts.get(status)).map((status) => make("button", {
    type: "button", class: "chip", "data-status": status,
    click: () => { wanted.status = wanted.status === status ? "" : status; filter(); },
  }, verdict(status), ` ${counts.get(status)}`));
  const search = make("input", {
    type: "search", placeholder: "find a journey ( / )", "aria-label": "find a journey",
    input: () => { wanted.words = search.value.trim().toLowerCase(); filter(); },
  });
  const facts = [new Date(run.started_at).toLocaleString(), seconds(run.duration_s), ...Object.values(run.apps), run.machine.system];
  document.body.append(
    make("header", {},
      make("h1", {}, title(run, counts)),
      make("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
      run.error ? make("p", { class: "errors" }, `Ended early: ${run.error}`) : null,
      run.journeys.length ? make("div", { class: "finding" }, chips, search) : null),
    make("main", {}, run.journeys.length ? null : make("p", { class: "none" }, run.error ? "The run ended before any journey did: set that right, and run it again." : "The run was asked for none: name a target, and journeys that there are."), articles.map((one) => one.node), none));
  filter();
  addEventListener("keydown", (event) => keys(event, articles.map((one) => one.node), search));
  openAddressed(articles);
  addEventListener("hashchange", () => openAddressed(articles));
  addEventListener("beforeprint", () => articles.forEach(({ node }) => { node.open = node.open || !node.classList.contains("passed"); }));
}

function title(run, counts) {
  const wrong = ORDER.slice(0, 3).filter((status) => counts.get(status)).map((status) => `${counts.get(status)} ${status}`);
  const all = run.journeys.length;
  if (!all) return "No journey was played";
  const played = `${all} journey${all === 1 ? "" : "s"}`;
  return wrong.length ? `${wrong.join(", ")} of ${played}` : all === 1 ? "The journey passed" : `All ${played} passed`;
}

/** Opens what the address names; without one, the first journey that did not pass. */
function openAddressed(articles) {
  const name = decodeURIComponent(location.hash.slice(1));
  const found = articles.find(({ journey }) => journey.address === name);
  const first = found ?? (name ? null : articles.find(({ journey }) => journey.status !== "passed"));
  if (!first) return;
  first.node.open = true;
  if (found) found.node.scrollIntoView();
}

function keys(event, nodes, search) {
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape" && event.target === search) { search.value = ""; search.dispatchEvent(new Event("input")); search.blur(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") { event.preventDefault(); search.focus(); return; }
  if (event.key !== "j" && event.key !== "k") return;
  const there = nodes.filter((node) => !node.hidden);
  const at = there.findIndex((node) => node.contains(document.activeElement));
  const next = there[Math.max(0, Math.min(there.length - 1, at + (event.key === "j" ? 1 : -1)))];
  next?.querySelector("summary").focus();
}

readRun().then(page);
