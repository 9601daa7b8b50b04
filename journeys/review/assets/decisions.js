// What is decided: shown at once, sent in the background one after the other, and kept by the server (or, in a
// page without one, by the browser until it is downloaded).
"use strict";

window.review = window.review || {};

review.decisions = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const known = new Map(Object.entries(data.decisions)); // what the server says
  const pending = new Map(); // by entry: what we have asked for and not yet been answered, the last of it
  const listeners = [];
  const waiting = [];
  const mine = restored("mine", []); // groups of ids that we decided, the last one at the end
  const me = restored("me", "") || keep("me", crypto.randomUUID ? crypto.randomUUID() : String(Math.random()));
  let revision = data.revision;
  let sending = false;

  review.data = data;

  function restored(name, otherwise) {
    try {
      return JSON.parse(sessionStorage.getItem(`review-${data.of}-${name}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  function keep(name, value) {
    try {
      sessionStorage.setItem(`review-${data.of}-${name}`, JSON.stringify(value));
    } catch {
      // Without storage a reload forgets it.
    }
    return value;
  }

  function of(id) {
    return pending.has(id) ? pending.get(id).shown : known.get(id) ?? null;
  }

  function tell(ids) {
    for (const listener of listeners) listener(ids);
  }

  function ask(ids, path, shown, more) {
    const task = { path, asked: [] };
    for (const id of ids) {
      // After something of ours that isn't answered yet, the number to have seen is the one it will get.
      const follows = pending.get(id);
      const seen = follows ? null : known.get(id)?.number ?? 0;
      task.asked.push({ id, ...more, seen, follows: Boolean(follows) });
      pending.set(id, { shown, task });
    }
    waiting.push(task);
    tell(ids);
    send();
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length) await sendOne(waiting.shift());
    sending = false;
  }

  async function sendOne(task) {
    const body = {
      by: me,
      decisions: task.asked.map(({ follows, seen, ...each }) => ({
        ...each, seen: follows ? known.get(each.id)?.number ?? 0 : seen,
      })),
    };
    let answer = null;
    let trouble = "the review has ended: start journeys review again";
    try {
      const response = await fetch(task.path, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
      });
      answer = await response.json().catch(() => null);
      if (!answer?.done) {
        trouble = answer?.message ?? `the server answers ${response.status}: reload the page`;
        answer = null;
      }
    } catch {
      // Nobody answers.
    }
    const ids = task.asked.map((each) => each.id);
    for (const id of ids) if (pending.get(id)?.task === task) pending.delete(id);
    if (answer) {
      take(answer.done);
      for (const each of answer.refused) take({ [each.id]: each.decision });
      const said = new Map(answer.refused.map((each) => [each.message, each.id]));
      for (const [message, id] of [...said].slice(0, 3)) review.toast(message, { error: true, id });
      if (said.size > 3) review.toast(`and ${said.size - 3} more could not be done`, { error: true });
      forget(answer.refused.filter((each) => task.path === "decisions").map((each) => each.id));
    } else {
      review.toast(`${ids.length === 1 ? review.data.entries[ids[0]].title : `${ids.length} screens`}: ${trouble}`, {
        error: true, id: ids[0],
      });
      if (task.path === "decisions") forget(ids);
    }
    tell(ids);
  }

  function forget(ids) {
    if (!ids.length) return;
    const gone = new Set(ids);
    for (const group of mine) group.splice(0, group.length, ...group.filter((id) => !gone.has(id)));
    keep("mine", mine.filter((group) => group.length));
  }

  function take(done) {
    for (const [id, decision] of Object.entries(done)) {
      if (decision) known.set(id, decision);
      else known.delete(id);
    }
  }

  function remember(ids) {
    mine.push([...ids]);
    keep("mine", mine);
  }

  const withServer = {
    decide(ids, verdict, note) {
      remember(ids);
      ask(ids, "decisions", { verdict, note }, { verdict, note });
    },
    takeBack(ids) {
      ask(ids, "undo", null, {});
    },
    async follow() {
      try {
        const response = await fetch(`changes?after=${revision}`);
        const answer = await response.json();
        if (!response.ok) {
          review.banner(answer.message);
        } else {
          review.banner("");
          const others = Object.entries(answer.done).filter(([id, decision]) => {
            return !pending.has(id) && (decision?.number ?? 0) !== (known.get(id)?.number ?? 0);
          });
          revision = answer.revision;
          if (others.length) {
            take(Object.fromEntries(others));
            tell(others.map(([id]) => id));
            const [id, decision] = others[0];
            const what = others.length > 1
              ? `${others.length} screens were decided`
              : `${data.entries[id].title}: ${decision ? decision.verdict : "undone"}`;
            review.toast(`Another reviewer: ${what}`, { id });
          }
        }
      } catch {
        review.banner("The review has ended: nothing more is written. Start journeys review again.");
      }
      setTimeout(withServer.follow, document.hidden ? 5000 : 1000);
    },
  };

  const inBrowser = {
    key: `journeys-review-${data.of}`,
    decide(ids, verdict, note) {
      remember(ids);
      for (const id of ids) known.set(id, { verdict, note });
      inBrowser.changed(ids);
    },
    takeBack(ids) {
      for (const id of ids) known.delete(id);
      inBrowser.changed(ids);
    },
    changed(ids) {
      try {
        localStorage.setItem(inBrowser.key, JSON.stringify([...known]));
      } catch {
        review.banner("This browser keeps nothing for this page: download the decisions before you leave it.");
      }
      tell(ids);
    },
    follow() {
      try {
        for (const [id, decision] of JSON.parse(localStorage.getItem(inBrowser.key)) ?? []) {
          if (data.entries[id]) known.set(id, decision);
        }
      } catch {
        // Nothing was kept.
      }
    },
  };

  const kept = data.static ? inBrowser : withServer;

  addEventListener("beforeunload", (event) => {
    if (pending.size) event.preventDefault();
  });

  return {
    of,
    isPending: (id) => pending.has(id),
    decide: (ids, verdict, note = "") => kept.decide(ids, verdict, note),
    undo(current) {
      let ids = [];
      while (mine.length && !ids.length) ids = mine.pop().filter((id) => of(id));
      keep("mine", mine);
      if (!ids.length && of(current)) ids = [current];
      if (ids.length) kept.takeBack(ids);
      return ids;
    },
    listen: (listener) => listeners.push(listener),
    start: () => kept.follow(),
    document: () => ({
      format: 1, revision: 0, of: data.of,
      decisions: [...known].map(([id, { verdict, note }]) => ({
        id, path: data.entries[id].path, verdict, note, actual: data.digests[id],
      })),
    }),
  };
})();
