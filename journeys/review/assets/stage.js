// The pictures: four views, zoom and place kept in step between sides, the neighbours loaded beforehand.
"use strict";

review.stage = (() => {
  const stage = document.getElementById("stage");
  const left = document.getElementById("left");
  const right = document.getElementById("right");
  const slider = document.getElementById("slider");
  const sliderName = document.getElementById("slider-name");
  const shownScale = document.getElementById("scale");
  const viewports = [...stage.querySelectorAll(".viewport")];
  const planes = [...stage.querySelectorAll(".plane")];
  const loaded = new Map(); // by address, the newest last
  const KEEP = 24;
  const LARGEST = 16;
  const MARGIN = 12;
  let entry = null;
  let version = null; // an earlier one of the baseline, in its place
  let view = 1;
  let boxes = false;
  let free = null; // {scale, x, y}: the picture's point in the middle; null where it fits the window

  // --- loading ---------------------------------------------------------------------------------------------

  function picture(address) {
    let found = loaded.get(address);
    if (found) {
      loaded.delete(address);
    } else {
      const image = new Image();
      image.decoding = "sync";
      image.draggable = false;
      image.alt = "";
      image.src = address;
      found = { image, ready: image.decode().then(() => true, () => false) };
    }
    loaded.set(address, found);
    for (const old of loaded.keys()) {
      if (loaded.size <= KEEP) break;
      if (!loaded.get(old).image.isConnected) loaded.delete(old);
      else break;
    }
    return found;
  }

  function preload(other) {
    for (const side of Object.values(other.sides)) if (side[0]) picture(side[0]);
  }

  // --- drawing ---------------------------------------------------------------------------------------------

  function sideOf(name) {
    if (name === "baseline" && version) return [version.url, ...(entry.sides.baseline ?? entry.sides.actual).slice(1)];
    return entry.sides[name];
  }

  function size() {
    const sides = ["baseline", "actual"].map(sideOf).filter(Boolean);
    return [Math.max(1, ...sides.map((side) => side[1])), Math.max(1, ...sides.map((side) => side[2]))];
  }

  function layer(name, alt) {
    const side = sideOf(name);
    const found = side && side[0] ? picture(side[0]) : null;
    if (!found) return { node: message(`${alt} can't be shown`), ready: Promise.resolve(false) };
    found.image.className = `layer ${name}`;
    found.image.alt = alt;
    const node = found.image;
    const ready = found.ready.then((fine) => {
      if (!fine && node.isConnected) node.replaceWith(message(`${alt} can't be shown: it is damaged or gone`));
      return fine;
    });
    return { node, ready };
  }

  function message(text) {
    const node = document.createElement("p");
    node.className = "no-picture";
    node.textContent = text;
    return node;
  }

  function drawn(regions, kind) {
    return regions.map((region) => {
      const box = document.createElement("div");
      box.className = kind;
      box.style.left = `${region.left}px`;
      box.style.top = `${region.top}px`;
      box.style.width = `${region.width}px`;
      box.style.height = `${region.height}px`;
      return box;
    });
  }

  function draw() {
    if (!entry) return;
    const shown = entry;
    const has = Boolean(sideOf("baseline"));
    const using = has ? view : 1;
    const layers = [[], []];
    const baselineName = version ? `Baseline of ${version.date.slice(0, 10)}` : "Baseline";
    const alts = [`${baselineName} of ${entry.title}`, `${entry.title} now`];
    if (using === 1) {
      layers[0].push(has ? layer("baseline", alts[0]) : { node: message("No baseline yet"), ready: Promise.resolve(true) });
      layers[1].push(layer("actual", alts[1]));
    } else if (using === 4 && entry.sides.difference && !version) {
      layers[1].push(layer("difference", `Difference of ${entry.title}`));
    } else {
      layers[1].push(layer("baseline", alts[0]), layer("actual", alts[1]));
    }
    stage.dataset.view = String(using);
    stage.dataset.blend = String(using === 4 && layers[1].length === 2);
    left.hidden = using !== 1;
    left.querySelector("figcaption").textContent = baselineName;
    right.querySelector("figcaption").textContent = {
      1: "Now", 2: `${baselineName} | Now`, 3: `${baselineName} under Now`, 4: "Difference",
    }[using];
    document.getElementById("slider-label").hidden = using !== 2 && using !== 3;
    sliderName.textContent = using === 2 ? "Swipe" : "Now";
    const withBoxes = (boxes || using === 4) && has;
    planes.forEach((plane, index) => {
      const over = index === 1 || using === 1 ? [
        ...(withBoxes ? drawn(entry.regions, "box") : []), ...drawn(boxes ? entry.masks : [], "mask"),
      ] : [];
      plane.replaceChildren(...layers[index].map((each) => each.node), ...over);
    });
    document.getElementById("boxes").setAttribute("aria-pressed", String(boxes || using === 4));
    place();
    slide();
    Promise.all(layers.flat().map((each) => each.ready)).then(() => {
      // The pictures are on screen with the next frame.
      requestAnimationFrame(() => {
        if (entry === shown) document.documentElement.dataset.shown = `${entry.id} ${using}`;
      });
    });
  }

  function line() {
    const { scale, x } = at();
    return room()[0] / 2 + (size()[0] * Number(slider.value) / 100 - x) * scale;
  }

  function slid(across) {
    const { scale, x } = at();
    return ((across - room()[0] / 2) / scale + x) / size()[0];
  }

  function slide() {
    stage.style.setProperty("--slide", String(Number(slider.value) / 100));
  }

  // --- zoom and place --------------------------------------------------------------------------------------

  function room() {
    const port = viewports[1];
    return [port.clientWidth, port.clientHeight];
  }

  function fitting() {
    const [width, height] = size();
    const [across, down] = room();
    return Math.min(1, (across - 2 * MARGIN) / width, (down - 2 * MARGIN) / height) || 1;
  }

  function at() {
    const [width, height] = size();
    return free ?? { scale: fitting(), x: width / 2, y: height / 2 };
  }

  function place() {
    if (!entry) return;
    const { scale, x, y } = at();
    const [width, height] = size();
    const [across, down] = room();
    for (const plane of planes) {
      plane.style.width = `${width}px`;
      plane.style.height = `${height}px`;
      plane.style.setProperty("--scale", String(scale));
      plane.style.transform = `translate(${across / 2 - x * scale}px, ${down / 2 - y * scale}px) scale(${scale})`;
      plane.classList.toggle("near", scale >= 2);
    }
    shownScale.textContent = `${Math.round(scale * 100)} %`;
  }

  function clamp(value, least, most) {
    return Math.min(most, Math.max(least, value));
  }

  function moveTo(scale, x, y) {
    const [width, height] = size();
    free = { scale: clamp(scale, fitting() / 2, LARGEST), x: clamp(x, 0, width), y: clamp(y, 0, height) };
    place();
  }

  function zoom(factor, point) {
    const { scale, x, y } = at();
    const [across, down] = room();
    const larger = clamp(scale * factor, fitting() / 2, LARGEST);
    const [dx, dy] = point ? [point[0] - across / 2, point[1] - down / 2] : [0, 0];
    // What is under the pointer stays there.
    moveTo(larger, x + dx / scale - dx / larger, y + dy / scale - dy / larger);
  }

  function pan(dx, dy) {
    const { scale, x, y } = at();
    moveTo(scale, x - dx / scale, y - dy / scale);
  }

  function fit() {
    free = null;
    place();
  }

  function lookAt(region) {
    const [across, down] = room();
    const scale = clamp(Math.min(across / (region.width * 2), down / (region.height * 2)), fitting(), 4);
    moveTo(scale, region.left + region.width / 2, region.top + region.height / 2);
    boxes = true;
    draw();
  }

  // --- buttons ---------------------------------------------------------------------------------------------

  slider.addEventListener("input", slide);
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1.5));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.5));
  document.getElementById("zoom-fit").addEventListener("click", fit);
  document.getElementById("boxes").addEventListener("click", () => api.toggleBoxes());
  for (const button of document.querySelectorAll("[data-view]:is(button)")) {
    button.addEventListener("click", () => review.go({ view: Number(button.dataset.view) }));
  }
  new ResizeObserver(place).observe(stage);

  const api = {
    show(other, inView) {
      if (other !== entry) version = null;
      entry = other;
      view = inView;
      for (const button of document.querySelectorAll("[data-view]:is(button)")) {
        button.setAttribute("aria-pressed", String(Number(button.dataset.view) === view));
      }
      draw();
    },
    showVersion(other) {
      version = other && version?.url !== other.url ? other : null;
      draw();
      return version;
    },
    toggleBoxes() {
      boxes = !boxes;
      draw();
    },
    preload, lookAt, zoom, pan, fit,
    toggleFit(point) {
      if (free) fit();
      else zoom(1 / at().scale, point);
    },
    // How far from the line of the swipe view a place lies, in pixels; none in another view.
    fromLine: (across) => (stage.dataset.view === "2" ? Math.abs(across - line()) : Infinity),
    slideTo(across) {
      slider.value = String(Math.round(100 * clamp(slid(across), 0, 1)));
      slide();
    },
  };
  return api;
})();
