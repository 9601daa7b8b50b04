// Tells when the app gave the compositor what, and when the compositor presented it: the truth that a measurement is held
// against. It shares nothing with the stream of frames: the picture is read from the bitmap the engine hands over, before
// it is on screen, and the moment comes from the browser's element timing of a mark that is put on the page in the same
// task, and so into the same frame.
(() => {
  let box = null;
  let handed = [];
  let mark = null;
  let count = 0;
  const presented = new Map();
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.identifier.startsWith("bench-")) presented.set(entry.identifier, entry.renderTime);
    }
  }).observe({ type: "element", buffered: true });

  const canvas = new OffscreenCanvas(1, 1);
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  const transfer = ImageBitmapRenderingContext.prototype.transferFromImageBitmap;
  ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function (bitmap) {
    if (box && bitmap) note(bitmap);
    return transfer.call(this, bitmap);
  };

  const note = (bitmap) => {
    const [left, top, width, height] = box;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    drawing.drawImage(bitmap, left, top, width, height, 0, 0, width, height);
    const pixels = btoa(String.fromCharCode(...drawing.getImageData(0, 0, width, height).data));
    if (handed.at(-1)?.pixels === pixels) return;
    const id = `bench-${(count += 1)}`;
    handed.push({ id, pixels });
    mark?.remove();
    mark = document.createElement("div");
    mark.setAttribute("elementtiming", id);
    mark.textContent = "I";
    mark.style.cssText = "position:fixed;left:0;bottom:0;font:4px monospace;color:rgba(0,0,0,0.01);pointer-events:none";
    document.documentElement.append(mark);
  };

  globalThis.__presented = {
    watch: (wanted) => {
      box = wanted;
      handed = [];
    },
    seconds: () => performance.now() / 1000,
    read: () => handed.map(({ id, pixels }) => ({ pixels, presented: presented.has(id) ? presented.get(id) / 1000 : null })),
  };
})();
