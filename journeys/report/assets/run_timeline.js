// Lanes on one clock: steps, what each actor did and saw, the backend, logs; and a moment that is moved along it.

const AROUND_S = 0.4;

/** Draws a journey's timeline; `begin` and `end` of what is in sight may be one change or all of it. */
function timeline(journey) {
  const actors = [...new Set([...Object.keys(journey.actors), ...journey.films.map((film) => film.actor)])];
  const whole = [0, Math.max(journey.duration_s, 0.001, ...journey.moments.map((one) => one.within_s.high))];
  const views = [["the whole journey", whole], ...changes(journey, whole)];
  const lanes = make("div", { class: "lanes" });
  const now = make("output", { class: "now" });
  const sight = { view: whole, at: whole[1], isFresh: true };
  const slider = make("input", {
    type: "range", min: "0", max: "1000", step: "1", "aria-label": "moment in the journey",
    input: () => pick(sight.view[0] + (sight.view[1] - sight.view[0]) * slider.value / 1000),
  });
  const panels = actors.map((actor) => panel(actor, journey, pick));
  const happened = make("ul", { class: "happened" });
  const play = player(journey, sight, go);
  const choices = views.map(([name, view]) => make("button", {
    type: "button", click: () => show(view),
  }, name));

  function show(view) {
    play.stop();
    Object.assign(sight, { view, isFresh: true });
    choices.forEach((button, number) => button.setAttribute("aria-pressed", String(views[number][1] === view)));
    lanes.replaceChildren(...drawLanes(journey, actors, view, pick));
    go(view === whole ? whole[1] : view[2] ?? view[1]);
  }
  /** Moves to where somebody points, which ends what is played. */
  function pick(at) {
    play.stop();
    sight.isFresh = false;
    go(at);
  }
  function go(at) {
    sight.at = Math.min(sight.view[1], Math.max(sight.view[0], at));
    slider.value = String(Math.round((sight.at - sight.view[0]) / (sight.view[1] - sight.view[0]) * 1000));
    move();
  }
  let drawn = 0;
  function move() {
    // One drawing for each picture of the screen, however many the pointer asks for.
    drawn ||= requestAnimationFrame(() => {
      drawn = 0;
      const share = (sight.at - sight.view[0]) / (sight.view[1] - sight.view[0]);
      lanes.style.setProperty("--at", String(share));
      // Nobody wants to hear every moment that goes by.
      now.setAttribute("aria-live", play.isPlaying() ? "off" : "polite");
      now.textContent = seconds(sight.at);
      panels.forEach((one) => one.show(sight.at));
      happened.replaceChildren(...around(journey, sight.at));
    });
  }
  show(views.length > 1 ? views[1][1] : whole);
  return make("section", { class: "timeline", "aria-label": "timeline" },
    make("div", { class: "views", role: "group", "aria-label": "what is in sight" }, choices),
    lanes,
    make("div", { class: "moment" }, slider, now),
    journey.films.length ? play.node : "",
    make("div", { class: "panels" }, panels.map((one) => one.node)),
    happened);
}

/** The stretches in which changes were watched: [low, high, the moment of the last verdict]. */
function changes(journey, whole) {
  const stretches = [];
  for (const film of journey.films) {
    const low = film.shown_s[0].low, high = film.shown_s.at(-1).high;
    const found = stretches.find((one) => low <= one[1] && high >= one[0]);
    if (found) { found[0] = Math.min(found[0], low); found[1] = Math.max(found[1], high); }
    else stretches.push([low, high]);
  }
  return stretches.sort((a, b) => a[0] - b[0]).map(([low, high], number) => {
    const view = [Math.max(whole[0], low - 0.1), Math.min(whole[1], high + 0.1)];
    const news = journey.moments.filter((one) => one.kind === "shown" && one.within_s.low >= view[0] && one.within_s.high <= view[1]);
    view.push(news.length ? Math.max(...news.map((one) => one.within_s.high)) : view[1]);
    return [`change ${number + 1}`, view];
  });
}

/** What tells a mark from others of its kind: a surface that shows something else, a request that was refused. */
function suffix({ kind, what }) {
  if (kind === "shown" && !what.endsWith(": new")) return " other";
  return kind === "requested" && !/: [23]\d\d$/.test(what) ? " bad" : "";
}

function drawLanes(journey, actors, view, go) {
  const [begin, end] = view;
  const place = (low, high) => ({ left: `${(low - begin) / (end - begin) * 100}%`, width: `max(4px, ${(high - low) / (end - begin) * 100}%)` });
  const isIn = (low, high) => high >= begin && low <= end;
  const mark = (kind, words, { low, high }) => make("button", {
    type: "button", class: `mark ${kind}`, style: place(Math.max(begin, low), Math.min(end, high)),
    title: `${words}, ${seconds(low)}`, "aria-label": `${words}, ${seconds(low)}`, click: () => go(high),
  });
  const lane = (name, marks, tall = 1) => make("div", { class: "lane" },
    make("div", { class: "lane-name" }, name),
    make("div", { class: "track", style: { "--rows": String(tall) } }, marks));
  const steps = journey.steps.filter((step) => isIn(step.started_s, step.started_s + step.duration_s));
  const depth = Math.max(1, ...steps.map((step) => Math.min(4, step.depth + 1)));
  const rows = [lane("steps", steps.filter((step) => step.depth < 4).map((step) => make("button", {
    type: "button", class: step.error ? "step broken" : "step",
    style: { ...place(Math.max(begin, step.started_s), Math.min(end, step.started_s + step.duration_s)), "--row": String(step.depth) },
    title: `${step.title}, ${seconds(step.duration_s)}${step.error ? `: ${step.error}` : ""}`,
    click: () => go(step.started_s + step.duration_s),
  }, step.title)), depth)];
  for (const actor of actors) {
    const films = journey.films.filter((film) => film.actor === actor);
    rows.push(lane(`${actor}${journey.actors[actor] ? ` · ${journey.actors[actor]}` : ""}`, [
      ...films.flatMap((film) => film.shown_s.map((shown) => isIn(shown.low, shown.high) && mark("frame", "a picture", shown))),
      ...journey.moments.filter((one) => one.actor === actor && isIn(one.within_s.low, one.within_s.high)).map((one) => mark(`${one.kind}${suffix(one)}`, one.what, one.within_s)),
    ].filter(Boolean)));
  }
  const commits = journey.moments.filter((one) => one.actor === null && isIn(one.within_s.low, one.within_s.high));
  if (journey.moments.some((one) => one.actor === null)) rows.push(lane("backend", commits.map((one) => mark(one.kind, `commit ${one.what}`, one.within_s))));
  if (journey.lines.length) {
    rows.push(lane("logs", journey.lines.filter((line) => isIn(line.at_s, line.at_s)).map((line) =>
      mark(/error|severe|fatal/i.test(line.level) ? "line bad" : "line", `${line.log}: ${line.text}`, { low: line.at_s, high: line.at_s }))));
  }
  const ticks = make("div", { class: "lane axis" }, make("div", { class: "lane-name" }, ""), make("div", { class: "track" },
    [0, 0.25, 0.5, 0.75, 1].map((share) => make("span", { class: "tick", style: { left: `${share * 100}%` } }, seconds(begin + (end - begin) * share)))));
  return [...rows, ticks, make("div", { class: "cursor", "aria-hidden": "true" })];
}

/** An actor's app at the moment: the picture of it, and what could be read. */
function panel(actor, journey, go) {
  const films = journey.films.filter((film) => film.actor === actor && film.sheet);
  const frame = make("div", { class: "frame", role: "img" });
  const words = make("pre", { class: "words", tabindex: "0", "aria-label": `what can be read in ${actor}'s app` });
  const strip = make("div", { class: "strip" });
  const all = films.flatMap((film) => film.shown_s.map((shown, number) => ({ film, shown, number })));
  const thumbs = all.map((one) => make("button", {
    type: "button", "aria-label": `${actor} at ${seconds(one.shown.high)}`, click: () => go(one.shown.high),
    style: sheetStyle(one.film, one.number, 44),
  }));
  strip.append(...thumbs);
  let shown = null, said = null;
  function show(at) {
    let current = -1;
    all.forEach((one, number) => { if (one.shown.high <= at + 1e-6) current = number; });
    if (current < 0 && all.length) current = 0;
    if (shown !== current && all.length) {
      shown = current;
      const { film, number, shown: when } = all[current];
      for (const [key, value] of Object.entries(sheetStyle(film, number, film.width))) frame.style.setProperty(key, value);
      frame.setAttribute("aria-label", `${actor}'s app at ${seconds(when.high)}`);
      thumbs.forEach((thumb, number) => thumb.classList.toggle("on", number === current));
    }
    const film = all.length ? all[current].film : null;
    const text = film ? film.texts.filter((one) => film.shown_s[0].high + one.after_first_s <= at + 1e-6).at(-1) ?? film.texts[0] : null;
    if (text && said !== text) { said = text; words.textContent = text.text; }
  }
  const node = make("section", { class: "panel", "aria-label": actor },
    make("h3", {}, actor, make("span", { class: "quiet" }, ` on ${journey.actors[actor] ?? "?"}`)),
    all.length ? make("div", { class: "screen" }, frame, words) : make("p", { class: "quiet" }, "No pictures were kept: nothing was watched in this app."),
    all.length ? strip : null);
  return { node, show };
}

function sheetStyle(film, number, width) {
  const scale = width / film.width;
  return {
    "background-image": `url("${picture(film.sheet)}")`,
    "background-size": `${film.width * film.shown_s.length * scale}px ${film.height * scale}px`,
    "background-position": `${-number * width}px 0`,
    width: `${width}px`, height: `${film.height * scale}px`,
  };
}

/** What happened last before a moment, and what is about to. */
function around(journey, at) {
  const all = [
    ...journey.moments.map((one) => ({ at: one.within_s.high, words: `${one.actor ?? "backend"}: ${one.kind === "committed" ? "commit " : ""}${one.what}`, kind: one.kind })),
    ...journey.lines.map((line) => ({ at: line.at_s, words: `${line.log}: ${line.level} ${line.text}`, kind: "line" })),
  ].filter((one) => one.at <= at + 0.01 && one.at >= at - AROUND_S).sort((a, b) => a.at - b.at).slice(-6);
  const step = journey.steps.filter((one) => one.started_s <= at && one.started_s + one.duration_s >= at - 0.01).at(-1);
  return [
    step && make("li", {}, make("b", {}, "in "), step.title),
    ...all.map((one) => make("li", { class: one.kind }, make("span", { class: "quiet" }, `${seconds(one.at)} `), one.words)),
  ].filter(Boolean);
}
