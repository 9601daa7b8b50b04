// Beside the pictures: why they differ, what the screen says, the journey around it, the baseline's history.
"use strict";

review.details = (() => {
  const { data } = review;
  const known = new Map(); // by entry: promises of what is fetched
  const fills = Object.fromEntries(
    ["reasons", "semantics", "film", "history"].map((name) => [name, document.querySelector(`#${name} .fill`)]),
  );
  let entry = null;
  let timer = 0;

  function make(tag, text, kind) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  }

  function listOf(items, kind) {
    const list = make("ul", "", kind);
    list.append(...items.map((item) => {
      const row = document.createElement("li");
      row.append(...[].concat(item));
      return row;
    }));
    return list;
  }

  function plural(number, word) {
    return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  }

  function reasons() {
    const parts = entry.problems.map((problem) => make("p", problem, "problem"));
    // Where regions have reasons, the summary only says them again.
    if (entry.summary && !entry.regions.some((region) => region.reasons.length)) parts.push(make("p", entry.summary));
    parts.push(listOf(entry.regions.map((region, number) => {
      const button = make("button", "", "region");
      button.type = "button";
      const lines = region.reasons.length ? region.reasons : [`Region ${number + 1}`];
      button.append(...lines.map((line) => make("span", line)));
      button.append(make("small", `${plural(region.pixels, "pixel")}, ${region.width}×${region.height} at ${region.left}, ${region.top}`));
      button.append(make("small", `perceptual hash: ${region.bits} of 64 bits`));
      button.addEventListener("click", () => review.stage.lookAt(region));
      return button;
    }), "regions"));
    if (entry.more_regions) parts.push(make("p", `and ${plural(entry.more_regions, "more region")}`, "quiet"));
    fills.reasons.replaceChildren(...parts);
  }

  function semantics({ changes, same, missing }) {
    if (missing) return [make("p", missing, "quiet")];
    const rest = make("p", `${plural(same, "node")} the same`, "quiet");
    if (!changes.length) return [rest];
    return [listOf(changes.slice(0, 200).map((change) => [
      make("span", { added: "new", removed: "gone", changed: "changed" }[change.kind], `kind ${change.kind}`),
      make("span", change.node, "node"),
      ...change.notes.map((note) => make("small", note)),
    ]), "nodes"), rest];
  }

  function film(frames) {
    if (!Array.isArray(frames)) return [make("p", frames.missing, "quiet")];
    const strip = make("ol", "", "strip");
    strip.append(...frames.map((frame) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const image = new Image();
      image.loading = "lazy";
      image.alt = "";
      image.src = frame.url;
      link.href = frame.url;
      link.target = "_blank";
      link.rel = "noopener";
      link.append(image, make("span", frame.title));
      item.append(link);
      return item;
    }));
    return [strip];
  }

  function history({ versions, missing }) {
    if (missing) return [make("p", missing, "quiet")];
    return [listOf(versions.map((version) => {
      const text = [make("span", version.subject), make("small", `${version.date.slice(0, 10)} · ${version.author} · ${version.commit.slice(0, 8)}`)];
      const url = data.static ? version.url : `versions/${entry.id}/${version.commit}`;
      if (version.removed || !url) return text;
      const button = make("button", "", "version");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const image = new Image();
      image.loading = "lazy";
      image.alt = "";
      image.src = url;
      const words = make("span", "", "words");
      words.append(...text);
      button.append(image, words);
      button.addEventListener("click", () => {
        const shown = review.stage.showVersion({ ...version, url });
        for (const other of fills.history.querySelectorAll(".version")) {
          other.setAttribute("aria-pressed", String(Boolean(shown) && other === button));
        }
      });
      return button;
    }), "versions")];
  }

  async function fetched(name, id) {
    if (data.static) return window.reviewDetails[id][name];
    const key = `${name}/${id}`;
    if (!known.has(key)) {
      known.set(key, fetch(key).then(async (response) => {
        const answer = await response.json();
        return response.ok ? answer : { missing: answer.message };
      }).catch(() => {
        known.delete(key);
        return { missing: "The review has ended." };
      }));
    }
    return known.get(key);
  }

  async function fill(name, id, draw) {
    const found = await fetched(name, id);
    if (entry.id === id) fills[name].replaceChildren(...draw(found));
  }

  return {
    show(other) {
      entry = other;
      reasons();
      clearTimeout(timer);
      for (const name of ["semantics", "film", "history"]) fills[name].replaceChildren();
      document.getElementById("semantics").hidden = !entry.semantics;
      document.getElementById("film").hidden = !entry.film;
      document.getElementById("details").scrollTop = 0;
      // Whoever goes on at once has no use for these.
      timer = setTimeout(() => {
        if (entry.film) fill("film", entry.id, film);
        if (entry.semantics) fill("semantics", entry.id, semantics);
        fill("history", entry.id, history);
      }, 150);
    },
  };
})();
