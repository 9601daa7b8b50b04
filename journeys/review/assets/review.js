// Brings the parts together: the address, the keys, the buttons.
"use strict";

(() => {
  const { data, decisions, list, stage, details } = review;
  const byId = (id) => document.getElementById(id);
  const dialogs = { reject: byId("reject-dialog"), help: byId("help") };
  const toasts = byId("toasts");
  let at = { id: null, view: 1 };
  let rejecting = null;

  // --- saying things ---------------------------------------------------------------------------------------

  review.toast = (text, { error = false, id = null } = {}) => {
    const toast = document.createElement(id ? "button" : "p");
    toast.className = error ? "toast error" : "toast";
    toast.textContent = text;
    if (error) toast.setAttribute("role", id ? "button" : "alert");
    if (id) {
      toast.type = "button";
      toast.addEventListener("click", () => {
        toast.remove();
        review.go({ id });
      });
    }
    toasts.append(toast);
    while (toasts.children.length > 4) toasts.firstElementChild.remove();
    setTimeout(() => toast.remove(), error ? 12000 : 4000);
  };

  review.banner = (text) => {
    const banner = byId("banner");
    if (banner.textContent === text) return;
    banner.textContent = text;
    banner.hidden = !text;
  };

  // --- where we are ----------------------------------------------------------------------------------------

  // #<entry> or #<entry>/<view>
  function addressed() {
    const [id, view] = location.hash.slice(1).split("/");
    return { id: list.has(id) ? id : null, view: ["1", "2", "3", "4"].includes(view) ? Number(view) : null };
  }

  review.go = ({ id = at.id, view = at.view }) => {
    if (!id) return;
    const moved = id !== at.id;
    at = { id, view };
    const hash = `#${id}/${view}`;
    if (location.hash !== hash) history.replaceState(null, "", hash);
    const entry = data.entries[id];
    stage.show(entry, view);
    if (!moved) return;
    list.select(id);
    byId("title").textContent = entry.title;
    const [, width, height] = entry.sides.actual;
    byId("facts").textContent = [
      entry.status, entry.journey, entry.target, entry.theme, `${width}×${height}`, entry.actor && `seen by ${entry.actor}`,
    ].filter(Boolean).join(" · ");
    document.title = `${entry.title} · Review`;
    details.show(entry);
    sayVerdict();
    openList(false);
    // Once this one is drawn: the ones that come next.
    setTimeout(() => {
      const ahead = [list.nextUndecided(id), list.next(id)];
      if (ahead[0]) ahead.push(list.nextUndecided(ahead[0]));
      ahead.push(list.previous(id));
      for (const other of new Set(ahead)) if (other && other !== id) stage.preload(data.entries[other]);
    }, 0);
  };

  function sayVerdict() {
    const decision = decisions.of(at.id);
    const line = byId("verdict");
    line.className = decision?.verdict ?? "";
    line.textContent = decision ? `${decision.verdict}${decision.note ? `: ${decision.note}` : ""}` : "";
    const group = list.groupOf(at.id);
    const left = group ? list.undecidedOf(group).length : 0;
    byId("approve-group").disabled = !left;
    byId("group-count").textContent = left || "";
    byId("approve").disabled = decision?.verdict === "approved";
  }

  // --- deciding --------------------------------------------------------------------------------------------

  function goOn() {
    const next = list.nextUndecided(at.id);
    if (next) review.go({ id: next });
    else review.toast(list.order.every((id) => decisions.of(id)) ? "All decided." : "No more undecided screens here.");
  }

  function approve() {
    if (decisions.of(at.id)?.verdict === "approved") return;
    decisions.decide([at.id], "approved");
    goOn();
  }

  function approveGroup(group) {
    const ids = group ? list.undecidedOf(group) : [];
    if (!ids.length) {
      review.toast(group ? "All of this group are decided." : "This screen has no group.");
      return;
    }
    decisions.decide(ids, "approved");
    review.toast(`Approved ${ids.length} of “${group.title}”. U undoes it.`);
    goOn();
  }

  function askForNote() {
    rejecting = at.id;
    byId("note").value = decisions.of(at.id)?.note ?? "";
    byId("reject-title").textContent = `Reject ${data.entries[at.id].title}`;
    dialogs.reject.showModal();
  }

  function undo() {
    const ids = decisions.undo(at.id);
    if (!ids.length) {
      review.toast("Nothing to undo.");
      return;
    }
    review.toast(ids.length > 1 ? `Undone: ${ids.length} screens` : `Undone: ${data.entries[ids[0]].title}`);
    review.go({ id: ids[0] });
  }

  byId("note").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      dialogs.reject.querySelector("form").requestSubmit();
    }
  });
  dialogs.reject.querySelector("form").addEventListener("submit", () => {
    decisions.decide([rejecting], "rejected", byId("note").value.trim());
    if (rejecting === at.id) goOn();
  });
  byId("reject-cancel").addEventListener("click", () => dialogs.reject.close());

  decisions.listen((ids) => {
    if (at.id) sayVerdict(ids);
  });

  // --- keys and buttons ------------------------------------------------------------------------------------

  const move = (id) => id && review.go({ id });
  const keys = {
    j: () => move(list.next(at.id)),
    k: () => move(list.previous(at.id)),
    a: approve,
    r: askForNote,
    u: undo,
    g: () => approveGroup(list.groupOf(at.id)),
    b: () => stage.toggleBoxes(),
    1: () => review.go({ view: 1 }),
    2: () => review.go({ view: 2 }),
    3: () => review.go({ view: 3 }),
    4: () => review.go({ view: 4 }),
    "+": () => stage.zoom(1.5),
    "=": () => stage.zoom(1.5),
    "-": () => stage.zoom(1 / 1.5),
    0: () => stage.fit(),
    "?": () => dialogs.help.showModal(),
    "/": () => {
      openList(true);
      byId("find").focus();
    },
    Escape: () => openList(false),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input[type=search], textarea, select");
    if (typing) {
      if (event.key === "Escape" || event.key === "Enter") event.target.blur();
      return;
    }
    const action = keys[event.key];
    if (!action || (event.repeat && !["j", "k", "+", "-", "="].includes(event.key))) return;
    if (at.id === null && !["?", "/", "Escape"].includes(event.key)) return;
    event.preventDefault();
    action();
  });

  function openList(open) {
    document.body.classList.toggle("list-open", open);
    byId("open-list").setAttribute("aria-expanded", String(open));
  }

  const clicks = {
    approve, reject: askForNote, undo, next: keys.j, previous: keys.k, "approve-group": keys.g,
    "open-help": keys["?"],
    "open-list": () => openList(!document.body.classList.contains("list-open")),
    download: () => {
      const file = new Blob([JSON.stringify(decisions.document(), null, 1)], { type: "application/json" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "decisions.json";
      link.click();
      URL.revokeObjectURL(link.href);
    },
  };
  for (const [id, action] of Object.entries(clicks)) byId(id)?.addEventListener("click", action);

  byId("groups").addEventListener("click", (event) => {
    const button = event.target.closest(".approve-group");
    if (button) approveGroup(data.groups[button.dataset.group]);
    const row = event.target.closest("a[data-id]");
    if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      review.go({ id: row.dataset.id });
    }
  });
  addEventListener("hashchange", () => {
    const { id, view } = addressed();
    if (id) review.go({ id, view: view ?? at.view });
  });

  function start() {
    decisions.start();
    list.start();
    const { id, view } = addressed();
    const first = id ?? list.order.find((each) => !decisions.of(each)) ?? list.order[0];
    if (first) review.go({ id: first, view: view ?? 1 });
  }

  // The list is painted first. A page that nobody sees yet is never painted, and starts at once.
  if (document.hidden) start();
  else requestAnimationFrame(() => setTimeout(start, 0));
})();
