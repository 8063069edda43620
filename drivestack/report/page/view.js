// What stands around a picture: its layers, the camera, the legend, mouse and fingers.

// Buttons above one picture or several that are looked at together.
function tools(scenes, follow, camera, redraw) {
  const zoom = (factor, label, sign) => h("button", { type: "button", class: "small", "aria-label": label, title: sign, onclick: () => {
    for (const scene of scenes) scene.camera.zoom(factor);
    redraw();
  } }, sign);
  const whole = h("button", { type: "button", class: "small", onclick: () => {
    const xs = scenes.flatMap(({ model: { e, n } }) => Array.from(e.xy.slice(0, n)));
    const ys = scenes.flatMap(({ model: { e, n } }) => Array.from(e.xy.slice(n)));
    for (const scene of scenes) scene.camera.fit(Math.min(...xs) - 15, Math.min(...ys) - 15, Math.max(...xs) + 15, Math.max(...ys) + 15);
    camera();
    redraw();
  } }, "whole drive");
  const layers = Object.entries(LAYERS).map(([name, label]) => {
    const button = h("button", { type: "button", class: "small", "aria-pressed": "true", onclick: () => {
      const now = !scenes[0].shown[name];
      for (const scene of scenes) scene.shown[name] = now;
      button.setAttribute("aria-pressed", String(now));
      redraw();
    } }, label);
    return button;
  });
  return h("div", { class: "view-tools" }, h("div", {}, layers), h("div", {}, follow, whole, zoom(0.8, "zoom out", "−"), zoom(1.25, "zoom in", "+")));
}

function legend() {
  const entry = (kind, label) => h("span", {}, h("i", { class: `key ${kind}`, "aria-hidden": "true" }), label);
  return h("div", { class: "legend" }, entry("chosen", "chosen"), entry("scored", "candidates, low to high score"), entry("invalid", "invalid"), entry("predicted", "MPC prediction"), entry("routed", "route"));
}

// Mouse and fingers on the picture: drag to look elsewhere, wheel to zoom, hover for scores.
function hands(canvas, tip, scene, camera, redraw) {
  let before = null;
  canvas.addEventListener("pointerdown", (event) => { before = [event.clientX, event.clientY]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", () => { before = null; });
  canvas.addEventListener("pointermove", (event) => {
    if (before && event.buttons) {
      scene.camera.pan(event.clientX - before[0], event.clientY - before[1]);
      before = [event.clientX, event.clientY];
      camera();
      redraw();
      return;
    }
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const line = scene.near(x, y), was = scene.hovered;
    scene.hovered = line ? line.number : null;
    tip.hidden = !line;
    if (line) {
      tip.replaceChildren(h("strong", {}, `candidate ${line.number}${line.chosen ? ", chosen" : ""}${line.valid ? "" : ", invalid"}`), terms(line));
      tip.style.left = `${Math.min(x + 14, box.width - 190)}px`;
      tip.style.top = `${Math.min(y + 14, Math.max(box.height - 40 - 17 * line.terms.length, 0))}px`;
    }
    if (was !== scene.hovered) redraw();
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; if (scene.hovered !== null) { scene.hovered = null; redraw(); } });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    scene.camera.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - box.left, event.clientY - box.top);
    redraw();
  }, { passive: false });
}

function terms(line) {
  return h("table", { class: "terms" }, h("tbody", {}, [["total", line.total], ...line.terms].map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, words(name)), h("td", { class: "n" }, fixed(value, 3))))));
}

// Sizes, colours and keys while a page of pictures is shown; `current` ends it.
function alive(sides, transport, following, redraw, ended) {
  const scenes = sides.map((one) => one.scene);
  const resize = () => {
    for (const one of sides) {
      one.scene.resize();
      one.strips.resize();
    }
    redraw();
  };
  const watch = new ResizeObserver(resize);
  watch.observe(sides[0].canvas);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => {
    for (const scene of scenes) scene.colours = palette();
    resize();
  };
  dark.addEventListener("change", recolour);
  const keys = (event) => {
    if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) && event.target.type !== "range" || event.ctrlKey || event.metaKey) return;
    if (event.target.tagName === "BUTTON" && event.key === " ") return;
    if (event.key === "f") following();
    else if (event.key === "+" || event.key === "=" || event.key === "-") for (const scene of scenes) scene.camera.zoom(event.key === "-" ? 0.8 : 1.25);
    else if (!transport.key(event)) return;
    event.preventDefault();
    redraw();
  };
  document.addEventListener("keydown", keys);
  current = () => {
    transport.stop();
    ended();
    watch.disconnect();
    document.removeEventListener("keydown", keys);
    dark.removeEventListener("change", recolour);
  };
  for (const one of sides) {
    one.scene.resize();
    one.strips.resize();
  }
}
