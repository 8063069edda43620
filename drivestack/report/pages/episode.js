// The replay of one episode.

pages.episode = async (root, _, query) => {
  const rows = report.pages.episodes.rows, first = rows.find((row) => row.embedded);
  const number = query.has("ep") ? Number(query.get("ep")) : first ? first.episode : NaN;
  const row = rows.find((one) => one.episode === number);
  if (!row) {
    root.append(h("p", { class: "notice" }, Number.isNaN(number) ? "No episode is embedded in this report." : `There is no episode ${number} in this report.`));
    return;
  }
  root.append(title(row, rows));
  if (!row.embedded) {
    root.append(h("p", { class: "notice" }, "This episode is not embedded in this report, which keeps it small. One that has it is written by"),
      command(`drivestack replay ${report.pages.episodes.folder} --episode ${number} --html episode-${number}.html`), facts_of(row), reproduce(row));
    return;
  }
  const waiting = h("p", { class: "muted" }, "unpacking …");
  root.append(waiting);
  const episode = await unpack(`episode-${number}`), map = await unpack(`map-${episode.map}`);
  waiting.remove();
  const model = new Model(episode, map);
  if (!model.n) {
    root.append(h("p", { class: "notice" }, `This episode has no tick: ${row.why || "it failed before the first"}.`));
    return;
  }
  show(root, row, model, query);
};

function title(row, rows) {
  const embedded = rows.filter((one) => one.embedded);
  const choice = h("select", { "aria-label": "embedded episodes" }, embedded.some((one) => one === row) ? null : h("option", { selected: true }, `${row.episode}`),
    embedded.map((one) => h("option", { value: one.episode, selected: one === row }, `${one.episode}  ${one.scenario}  (${words(one.outcome)})`)));
  choice.addEventListener("change", () => { location.hash = `#ep=${choice.value}`; });
  return h("header", { class: "head" }, h("h1", {}, named(row.scenario)), h("p", { class: "sub" }, outcome(row.outcome),
    row.why ? `: ${row.why}` : "", h("span", { class: "muted" }, ` · seed ${row.seed} · ${row.suite} · ${fixed(row.seconds, 1)} s`)), h("div", { class: "tools" }, choice));
}

function facts_of(row) {
  return h("dl", { class: "facts" }, report.pages.episodes.measures.map((name, i) => [h("dt", {}, words(name)), h("dd", {}, short(row.values[i]))]));
}

function show(root, row, model, query) {
  const canvas = h("canvas", { id: "scene", class: "scene", tabindex: 0, role: "img", "aria-label": "replay: space plays, arrow keys step, + and − zoom, f follows the ego" });
  const tip = h("div", { class: "tip", hidden: true }), scene = new Scene(canvas, model);
  const timing = report.pages.histograms.latency, chart = h("canvas", { id: "strips", class: "strips", role: "img", "aria-label": "signals over time" });
  const side = now_panel(model), log = event_list(model, (time) => transport.go(time));
  let late = 0;
  const redraw = () => {
    scene.draw(transport.time);
    strips.draw(transport.time);
    side.update(transport.time);
    log.update(transport.time);
  };
  const link = () => history.replaceState(null, "", `#ep=${row.episode}&t=${transport.time.toFixed(2)}`);
  const transport = new Transport(model, () => {
    redraw();
    clearTimeout(late);
    late = setTimeout(link, 300);
  });
  const strips = new Strips(chart, model, timing ? timing.deadline_ms : 50, (time) => { transport.stop(); transport.go(time); });
  const follow = h("button", { type: "button", class: "small", "aria-pressed": "true", title: "f" }, "follow ego");
  const camera = () => follow.setAttribute("aria-pressed", String(scene.camera.follow));
  const following = () => { scene.camera.follow = !scene.camera.follow; camera(); redraw(); };
  follow.addEventListener("click", following);
  root.append(h("div", { class: "replay" },
    h("div", { class: "stage" }, h("div", { class: "view" }, canvas, tip, tools([scene], follow, camera, redraw), legend()), transport.bar, chart),
    h("aside", { class: "side" }, side.node, log.node)), explained(model, transport), reproduce(row));
  hands(canvas, tip, scene, camera, redraw);
  alive([{ canvas, scene, strips }], transport, following, redraw, () => clearTimeout(late));
  scene.camera.scale = clamp(scene.camera.width / 130, 3, 8);
  transport.go(Number(query.get("t")) || 0);
}

// What is so now: numbers, control, why the safety layer acts, the chosen candidate's terms.
function now_panel(model) {
  const e = model.e, node = h("section", { class: "now" });
  const update = (time) => {
    const tick = model.tick(time), plan = model.plan(time), reason = model.reason(tick);
    const chosen = model.candidates(plan).find((line) => line.chosen);
    const cell = (value, digits = 2) => h("td", { class: "n" }, e.decided[tick] ? fixed(value, digits) : "–");
    node.replaceChildren(
      h("dl", { class: "figures" }, [["speed", fixed(e.v[tick], 1), "m/s"], ["acceleration", fixed(e.accel[tick], 2), "m/s²"], ["steering", fixed(e.steer[tick] * 180 / Math.PI, 2), "°"]]
        .map(([name, value, unit]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, h("small", {}, ` ${unit}`))))),
      h("table", { class: "control" }, h("thead", {}, h("tr", {}, ["control", "m/s²", "steer °"].map((word, i) => h("th", { scope: "col", class: i ? "n" : "" }, word)))),
        h("tbody", {}, [["commanded", e.accel_commanded[tick], e.steer_commanded[tick]], ["filtered", e.accel_filtered[tick], e.steer_filtered[tick]]]
          .map(([name, a, s]) => h("tr", {}, h("th", { scope: "row" }, name), cell(a), cell(s * 180 / Math.PI))),
        h("tr", {}, h("th", { scope: "row" }, "applied"), h("td", { class: "n" }, fixed(e.accel[Math.min(tick + 1, model.n - 1)], 2)), h("td", { class: "n" }, fixed(e.steer[Math.min(tick + 1, model.n - 1)] * 180 / Math.PI, 2))))),
      h("p", { class: `reason ${reason ? "acting" : ""}` }, reason ? `△ ${reason}` : e.contact[tick] ? "✕ contact" : "safety layer: passed"),
      chosen ? h("details", { open: true }, h("summary", {}, `chosen candidate ${chosen.number}`), terms(chosen))
        : h("p", { class: "muted" }, plan < 0 ? "nothing was planned: this ego drives itself, or not yet" : "no candidate was chosen"));
  };
  return { node, update };
}

function event_list(model, go) {
  const rows = model.e.events.map((event) => {
    const about = [event.check && words(event.check), event.side && `at the ${event.side}`, event.with !== undefined && `with ${event.with}`, event.object !== undefined && `about ${event.object}`, event.decisions && `${count(event.decisions, "tick")}`, event.outcome && words(event.outcome), event.failure, event.name].filter(Boolean).join(", ");
    return { time: event.tick * model.e.dt, node: h("li", {}, h("button", { type: "button", onclick: () => go(event.tick * model.e.dt) }, h("span", { class: "when" }, `${fixed(event.tick * model.e.dt, 2)} s`), h("span", {}, h("b", {}, words(event.event)), about ? ` ${about}` : ""))) };
  });
  const node = h("section", {}, h("h2", {}, "Events"), rows.length ? h("ol", { class: "events" }, rows.map((row) => row.node)) : h("p", { class: "muted" }, "none"));
  const update = (time) => {
    for (const row of rows) row.node.classList.toggle("past", row.time <= time + 1e-6);
  };
  return { node, update };
}

function explained(model, transport) {
  const rows = model.e.reasons.filter((reason) => reason.value !== null).map((reason) => h("tr", {},
    h("th", { scope: "row" }, words(reason.measure)), h("td", { class: "n" }, short(reason.value)),
    h("td", {}, reason.tick === null ? "" : h("button", { type: "button", class: "link", onclick: () => { transport.stop(); transport.go(reason.tick * model.e.dt); scrollTo({ top: 0 }); } }, `${fixed(reason.tick * model.e.dt, 2)} s`)),
    h("td", { class: "n" }, reason.measured === null ? "" : short(reason.measured)), h("td", { class: "n" }, reason.bound === null ? "" : short(reason.bound)), h("td", { class: "name" }, reason.sentence)));
  const absent = model.e.reasons.filter((reason) => reason.value === null).map((reason) => words(reason.measure));
  return h("section", {}, h("h2", {}, "Why it has its scores"), h("div", { class: "scroll" }, h("table", { class: "reasons" },
    h("thead", {}, h("tr", {}, [["measure", ""], ["value", "n"], ["decided at", ""], ["measured", "n"], ["bound", "n"], ["because", ""]].map(([word, kind]) => h("th", { scope: "col", class: kind }, word)))), h("tbody", {}, rows))),
    absent.length ? h("p", { class: "muted" }, `Nothing to measure for: ${absent.join(", ")}.`) : null);
}

function reproduce(row) {
  const again = report.pages.overview.made.again;
  return h("section", { class: "again" }, h("h2", {}, "Again"),
    again ? [h("p", { class: "muted" }, "This episode alone, in the folder in which the run was made:"), command(`${again} ${quoted(row.scenario)}`)]
      : h("p", { class: "muted" }, "This run was not made of files, so that no command drives it again."),
    h("p", { class: "muted" }, "A video of it:"), command(`drivestack replay ${report.pages.episodes.folder} --episode ${row.episode} --mp4 episode-${row.episode}.mp4`));
}
