// One scenario in two runs, side by side on one clock.

pages.pair = async (root, _, query) => {
  const data = report.pages.compare, first = data.rows.find((row) => row.embedded) || data.rows[0];
  const number = query.has("n") ? Number(query.get("n")) : first ? first.episodes[0] : NaN;
  const row = data.rows.find((one) => one.episodes[0] === number);
  if (!row) {
    root.append(h("p", { class: "notice" }, "There is no such pair of episodes in this page."));
    return;
  }
  root.append(pairTitle(row, data));
  const again = h("section", {}, h("h2", {}, "Each alone"), data.folders.map((folder, side) => command(`drivestack replay ${quoted(folder)} --episode ${row.episodes[side]} --html episode-${row.episodes[side]}.html`)));
  if (!row.embedded) {
    root.append(h("p", { class: "notice" }, "This pair is not embedded in this page, which keeps it small. Give --episodes of drivestack compare a larger number, or look at each alone."), again);
    return;
  }
  const waiting = h("p", { class: "muted" }, "unpacking …");
  root.append(waiting);
  const models = [];
  for (const [side, name] of ["base", "other"].entries()) {
    const episode = await unpack(`${name}-${row.episodes[side]}`);
    models.push(new Model(episode, await unpack(`map-${episode.map}`)));
  }
  waiting.remove();
  if (models.some((model) => !model.n)) {
    root.append(h("p", { class: "notice" }, "One of the two has no tick: it failed before the first."), again);
    return;
  }
  beside(root, row, data, models, query);
  root.append(again);
};

function pairTitle(row, data) {
  const embedded = data.rows.filter((one) => one.embedded);
  const choice = h("select", { "aria-label": "embedded pairs" }, embedded.includes(row) ? null : h("option", { selected: true }, row.scenario),
    embedded.map((one) => h("option", { value: one.episodes[0], selected: one === row }, `${one.scenario}${one.appeared.length ? `  (now ${one.appeared.join(", ")})` : ""}`)));
  choice.addEventListener("change", () => { location.hash = `#pair?n=${choice.value}`; });
  const told = [row.appeared.length ? `now ${row.appeared.join(", ")}` : "", row.vanished.length ? `no longer ${row.vanished.join(", ")}` : ""].filter(Boolean).join("; ");
  return h("header", { class: "head" }, h("h1", { class: "long" }, named(row.scenario)), h("p", { class: row.appeared.length ? "bad" : "muted" }, told || "nothing came out otherwise"), h("div", { class: "tools" }, choice));
}

// Both pictures, one clock for both, the signals of each below on one axis.
function beside(root, row, data, models, query) {
  const dt = Math.min(...models.map((model) => model.e.dt)), end = Math.max(...models.map((model) => model.end));
  const clock = { end, e: { dt }, tick: (time) => clamp(Math.round(time / dt), 0, Math.round(end / dt)) };
  let late = 0;
  const transport = new Transport(clock, () => {
    redraw();
    clearTimeout(late);
    late = setTimeout(() => history.replaceState(null, "", `#pair?n=${row.episodes[0]}&t=${transport.time.toFixed(2)}`), 300);
  });
  const sides = models.map((model, side) => {
    const canvas = h("canvas", { id: `scene-${side}`, class: "scene", tabindex: 0, role: "img", "aria-label": `replay of the ${side ? "other run" : "base"}` });
    const chart = h("canvas", { id: `strips-${side}`, class: "strips", role: "img", "aria-label": `signals of the ${side ? "other run" : "base"}` });
    const scene = new Scene(canvas, model), go = (time) => { transport.stop(); transport.go(time); };
    scene.ghost = models[1 - side];
    return { side, model, canvas, scene, tip: h("div", { class: "tip", hidden: true }), now: h("p", { class: "reason" }), chart, strips: new Strips(chart, model, data.deadline_ms, go, end) };
  });
  const scenes = sides.map((one) => one.scene);
  const redraw = () => {
    for (const one of sides) {
      one.scene.draw(transport.time);
      one.strips.draw(transport.time);
      tell(one, transport.time);
    }
  };
  const follow = h("button", { type: "button", class: "small", "aria-pressed": "true", title: "f" }, "follow ego");
  const camera = () => follow.setAttribute("aria-pressed", String(scenes.every((scene) => scene.camera.follow)));
  const following = () => {
    const now = !scenes.every((scene) => scene.camera.follow);
    for (const scene of scenes) scene.camera.follow = now;
    camera();
    redraw();
  };
  follow.addEventListener("click", following);
  root.append(h("div", { class: "pair-tools" }, tools(scenes, follow, camera, redraw)), h("div", { class: "twins" }, sides.map((one) => h("section", { class: "half" },
    h("h2", {}, one.side ? "other " : "base ", h("span", { class: "muted" }, data.who[one.side])), h("p", { class: "sub" }, outcome(row.outcomes[one.side]), row.whys[one.side] ? `: ${row.whys[one.side]}` : ""),
    h("div", { class: "view" }, one.canvas, one.tip), one.now))), transport.bar, h("div", { class: "twins" }, sides.map((one) => one.chart)),
  h("p", { class: "muted" }, "The dashed outline is where the ego of the other picture is at that moment."));
  for (const one of sides) hands(one.canvas, one.tip, one.scene, camera, redraw);
  alive(sides, transport, following, redraw, () => clearTimeout(late));
  for (const { scene: { camera: own } } of sides) own.scale = clamp(own.width / 100, 2.5, 8);
  transport.go(Number(query.get("t")) || 0);
}

// What is so now on one side, and whether it has ended.
function tell(one, time) {
  const { model } = one, tick = model.tick(time), reason = model.reason(tick), over = time > model.end + 1e-6;
  const figures = `${fixed(model.e.v[tick], 1)} m/s, ${fixed(model.e.accel[tick], 2)} m/s²`;
  one.now.className = `reason ${reason || model.e.contact[tick] ? "acting" : ""}`;
  one.now.textContent = over ? `ended at ${fixed(model.end, 2)} s` : `${figures}${reason ? ` · △ ${reason}` : model.e.contact[tick] ? " · ✕ contact" : ""}`;
}
