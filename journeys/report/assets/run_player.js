// Runs the moment through what is in sight: every app's pictures, the lanes and the words, all on the one clock.

const SPEEDS = [["0.25", "¼ of the speed"], ["1", "as it happened"], ["4", "4 times the speed"]];

/** The button that plays and how fast; `sight` has what is in sight, `go` moves the moment. */
function player(journey, sight, go) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const changes = [
    ...journey.films.flatMap((film) => film.shown_s.map((shown) => shown.high)),
    ...journey.moments.map((one) => one.within_s.high),
  ].sort((a, b) => a - b);
  const speed = make("select", { "aria-label": "how fast it is played" },
    SPEEDS.map(([value, words]) => make("option", { value, selected: value === "1" }, words)));
  const button = make("button", { type: "button", class: "play", click: () => (next ? stop() : start()) });
  let next = 0, last = 0, at = 0;

  function name() { button.textContent = next ? "❚❚ pause" : "▶ play"; }
  function stop() { cancelAnimationFrame(next); next = 0; name(); }
  function start() {
    const [begin, end] = sight.view;
    at = sight.isFresh || sight.at >= end ? begin : sight.at;
    sight.isFresh = false;
    last = performance.now();
    next = requestAnimationFrame(tick);
    name();
  }
  function tick(time) {
    const [begin, end] = sight.view;
    at = Math.min(end, at + Math.max(0, time - last) / 1000 * Number(speed.value));
    last = time;
    // Who wants little motion sees what changed when it did, and no line that glides.
    go(calm.matches && at < end ? changes.filter((one) => one <= at && one >= begin).at(-1) ?? begin : at);
    if (at < end) next = requestAnimationFrame(tick);
    else stop();
  }
  name();
  return { node: make("span", { class: "player" }, button, speed), stop, isPlaying: () => next !== 0 };
}
