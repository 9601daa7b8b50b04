// Hands on the pictures: dragging, the wheel, two fingers, the line of the swipe view, the arrow keys.
"use strict";

(() => {
  const { stage } = review;
  const area = document.getElementById("stage");
  const GRIP = 24;

  function within(port, event) {
    const box = port.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  for (const port of area.querySelectorAll(".viewport")) {
    const pointers = new Map();
    let sliding = false; // the line of the swipe view is what is held

    port.addEventListener("wheel", (event) => {
      event.preventDefault();
      stage.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), within(port, event));
    }, { passive: false });
    port.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      port.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, within(port, event));
      area.classList.add("moving");
      sliding = stage.fromLine(within(port, event)[0]) < GRIP;
    });
    port.addEventListener("pointermove", (event) => {
      const was = pointers.get(event.pointerId);
      if (!was) return;
      const now = within(port, event);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
        stage.zoom(apart(now) / Math.max(1, apart(was)), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
      } else if (sliding) {
        stage.slideTo(now[0]);
      } else {
        stage.pan(now[0] - was[0], now[1] - was[1]);
      }
      pointers.set(event.pointerId, now);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      port.addEventListener(end, (event) => {
        pointers.delete(event.pointerId);
        if (!pointers.size) area.classList.remove("moving");
      });
    }
    port.addEventListener("dblclick", (event) => stage.toggleFit(within(port, event)));
  }

  area.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (!way || event.target !== area || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    stage.pan(...way);
  });
})();
