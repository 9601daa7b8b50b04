// The list: marks what is decided, filters, says which screen is next.
"use strict";

review.list = (() => {
  const { data, decisions } = review;
  const rows = new Map([...document.querySelectorAll("#groups a[data-id]")].map((row) => [row.dataset.id, row]));
  const order = [...rows.keys()];
  const find = document.getElementById("find");
  const show = document.getElementById("show");
  let current = null;

  const said = (id) => decisions.of(id)?.verdict ?? "undecided";

  function mark(id) {
    const row = rows.get(id);
    const verdict = said(id);
    if (row.dataset.verdict === verdict && row.dataset.pending === String(decisions.isPending(id))) return;
    row.dataset.verdict = verdict;
    row.dataset.pending = String(decisions.isPending(id));
    row.querySelector(".state").textContent = verdict === "undecided" ? statusOf(id) : verdict;
  }

  function statusOf(id) {
    const { status } = data.entries[id];
    return status === "changed" ? "" : status;
  }

  function textOf(id) {
    const { path, summary } = data.entries[id];
    return `${path} ${summary}`.toLowerCase();
  }

  function fits(id) {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (show.value === "all" || said(id) === show.value) && words.every((word) => textOf(id).includes(word));
  }

  function filter() {
    let any = false;
    for (const section of document.querySelectorAll(".group")) {
      let some = false;
      for (const row of section.querySelectorAll("a[data-id]")) {
        // The one that is looked at stays, until another one is.
        const shown = fits(row.dataset.id) || row.dataset.id === current;
        row.parentElement.hidden = !shown;
        some ||= shown;
      }
      section.hidden = !some;
      any ||= some;
    }
    document.getElementById("none").hidden = any;
  }

  function count() {
    let approved = 0;
    let rejected = 0;
    for (const id of order) {
      const verdict = said(id);
      approved += verdict === "approved";
      rejected += verdict === "rejected";
    }
    const done = approved + rejected;
    document.getElementById("progress-text").textContent =
      `${done} of ${order.length} decided${rejected ? `, ${rejected} rejected` : ""}`;
    document.getElementById("track").style.width = `${(100 * done) / Math.max(1, order.length)}%`;
  }

  function groupOf(id) {
    return data.groups.find((group) => group.one && group.ids.includes(id)) ?? null;
  }

  function update(ids) {
    ids.forEach(mark);
    count();
    for (const button of document.querySelectorAll(".approve-group[data-group]")) {
      const left = data.groups[button.dataset.group].ids.filter((id) => !decisions.of(id)).length;
      button.textContent = left ? `Approve all ${left}` : "All decided";
      button.disabled = !left;
    }
    if (show.value !== "all") filter();
  }

  // Over the list as it is filtered, and round its end.
  function step(from, by, wanted = () => true) {
    const start = order.indexOf(from);
    for (let turn = 1; turn <= order.length; turn += 1) {
      const id = order[(start + by * turn + order.length * 2) % order.length];
      if (fits(id) && wanted(id)) return id;
    }
    return null;
  }

  find.addEventListener("input", filter);
  show.addEventListener("change", filter);
  decisions.listen(update);

  return {
    order,
    groupOf,
    has: (id) => rows.has(id),
    next: (from) => step(from, 1),
    previous: (from) => step(from, -1),
    nextUndecided: (from) => step(from, 1, (id) => !decisions.of(id)),
    undecidedOf: (group) => group.ids.filter((id) => !decisions.of(id)),
    select(id) {
      rows.get(current)?.removeAttribute("aria-current");
      current = id;
      const row = rows.get(id);
      row.setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
      if (show.value !== "all") filter();
    },
    start: () => update(order),
  };
})();
