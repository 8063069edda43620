// What a safety layer was worth: outcome matrix, ablation bars, price curve, times, costs.

pages.safety = (root, data) => {
  const whole = data.layers[0];
  root.append(h("header", { class: "head" },
    h("h1", {}, "What the safety layer was worth"),
    h("p", { class: "muted" }, `${count(data.scenarios, "scenario")}, each with the layer and without; a twin of every intervention, followed for ${fixed(data.horizon, 0)} s`)));
  root.append(worth(whole), matrix("Episodes", whole.episodes), matrix("Interventions, by their twins", whole.spells));
  root.append(ablation(data.layers.filter((layer) => !layer.arm.startsWith("price-"))));
  root.append(prices(data.layers.filter((layer) => layer.arm.startsWith("price-"))));
  root.append(h("h2", {}, "Times"), h("div", { class: "charts" },
    times("Lead time before the twin's mishap", data.lead, "s from the intervention"),
    times("Margin to the last useful braking moment", data.margin, `s; ${whole.too_late} more began when no braking helped`)));
  root.append(costs(data.layers), alarms(data.monitors), critic(data.critic), kept(data));
};

const LABELS = ["saved", "mitigated", "still_hit", "missed", "needless", "harm", "quiet"];

function share(found, of) {
  const { hits, trials, low, high } = found.rate;
  if (!trials) return ["–", `no ${of}`];
  const bound = found.at_most === null ? "" : `; at most ${fixed(100 * found.at_most, 1)} % (rule of three)`;
  return [`${hits} / ${trials}`, `${fixed(100 * low, 0)} to ${fixed(100 * high, 0)} %${bound}`];
}

function worth(layer) {
  const tile = (label, [value, note], bad) => h("div", { class: `tile ${bad ? "alert" : ""}` },
    h("div", { class: "label" }, label), h("div", { class: "value" }, value), h("div", { class: "note" }, note));
  const { episodes, spells, paired, cost } = layer, rates = episodes.rates;
  return h("section", { class: "tiles", "aria-label": "Score card" },
    tile("saved", [String(episodes.saved), `of ${episodes.needed} episodes in which it was needed`]),
    tile("missed", [String(episodes.missed), "never acted, and there was a mishap"], episodes.missed),
    tile("harm", share(rates.harm, "episode"), episodes.harm),
    tile("needless", [String(episodes.needless), `episodes; ${spells.needless} of ${spells.acted} interventions`]),
    tile("precision", share(spells.rates.precision, "intervention")),
    tile("recall", share(rates.recall, "mishap")),
    tile("mishaps", [`${fixed(100 * paired.value, 1)} pp`, `${fixed(100 * paired.low, 1)} to ${fixed(100 * paired.high, 1)}, p ${layer.p.toPrecision(2)}`]),
    tile("override", [`${fixed(100 * cost.override, 2)} %`, "of the driven time"]));
}

function matrix(title, counts) {
  const cell = (name, note) => h("td", { class: "n" }, String(counts[name]), h("small", {}, note || words(name)));
  const row = (head, ...cells) => h("tr", {}, h("th", { scope: "row" }, head), cells);
  return h("section", {}, h("h2", {}, title), h("div", { class: "scroll" }, h("table", { class: "narrow" },
    h("thead", {}, h("tr", {}, ["", "acted, no mishap", "acted, softer", "acted, no softer", "did not act"].map((name, i) => h("th", { class: i ? "n" : null }, name)))),
    h("tbody", {},
      row("without it a mishap", cell("saved"), cell("mitigated"), cell("still_hit"), cell("missed")),
      row("without it none", cell("needless"), h("td", { class: "n" }, "–"), cell("harm"), cell("quiet", "quiet and right"))))),
    counts.unknown ? h("p", { class: "muted" }, `${counts.unknown} more are not known: a run raised an error`) : null);
}

// One bar for each layer, cut by label.
function ablation(layers) {
  const section = h("section", {}, h("h2", {}, "Layer by layer"));
  if (layers.length < 2) {
    section.append(h("p", { class: "muted" }, "Each check left out, and by itself: with --ablate."));
    return section;
  }
  const shown = LABELS.slice(0, -1), most = Math.max(1, ...layers.map(({ episodes }) => shown.reduce((sum, name) => sum + episodes[name], 0)));
  const HIGH = 24, LEFT = 190, WIDE = 640, node = svg("svg", { viewBox: `0 0 ${WIDE} ${layers.length * HIGH + 6}`, class: "bars", role: "img", "aria-label": "episodes by label, layer by layer" });
  layers.forEach(({ arm, episodes }, i) => {
    node.append(svg("text", { x: LEFT - 8, y: i * HIGH + 16, "text-anchor": "end" }, words(arm)));
    let x = LEFT;
    for (const name of shown) {
      const wide = (WIDE - LEFT - 4) * episodes[name] / most;
      if (!wide) continue;
      node.append(svg("rect", { x, y: i * HIGH + 3, width: Math.max(wide - 1, 1), height: HIGH - 6, class: `label-${name}` }, svg("title", {}, `${arm}: ${episodes[name]} ${words(name)}`)));
      if (wide > 16) node.append(svg("text", { x: x + wide / 2, y: i * HIGH + 16, "text-anchor": "middle", class: "inside" }, String(episodes[name])));
      x += wide;
    }
  });
  section.append(h("figure", { class: "wide" }, h("figcaption", {}, "Episodes ", h("small", { class: "muted" }, "by label"), labelKey(shown)), node));
  section.append(table([["layer", ""], ...LABELS.map((name) => [words(name), "n"])],
    layers.map(({ arm, episodes }) => [words(arm), ...LABELS.map((name) => String(episodes[name]))]), "scores"));
  return section;
}

function labelKey(names) {
  return h("div", { class: "legend" }, names.map((name) => h("span", {}, h("i", { class: `label-${name}` }), words(name))));
}

// Missed or still hit against needless and harmful, over the price of a needless intervention.
function prices(layers) {
  const section = h("section", {}, h("h2", {}, "Price of a needless intervention"));
  if (layers.length < 2) {
    section.append(h("p", { class: "muted" }, "The curve over λ: with --prices 0.01,0.1,1."));
    return section;
  }
  const sorted = [...layers].sort((a, b) => a.price - b.price), WIDE = 640, HIGH = 230, LEFT = 40, LOW = HIGH - 36;
  const positive = sorted.map(({ price }) => price).filter((price) => price > 0);
  const logs = (price) => Math.log10(price > 0 ? price : Math.min(...positive) / 10);
  const [first, last] = [logs(sorted[0].price), logs(sorted[sorted.length - 1].price)];
  const x = (price) => LEFT + 20 + (WIDE - LEFT - 40) * (last > first ? (logs(price) - first) / (last - first) : 0.5);
  const lines = { "mishaps left": ({ episodes }) => episodes.mitigated + episodes.still_hit + episodes.missed + episodes.harm, needless: ({ episodes }) => episodes.needless, harm: ({ episodes }) => episodes.harm };
  const most = Math.max(1, ...sorted.flatMap((layer) => Object.values(lines).map((of) => of(layer))));
  const y = (number) => LOW - (LOW - 14) * number / most;
  const node = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "curve", role: "img", "aria-label": "episodes over the price" });
  node.append(svg("line", { x1: LEFT, x2: WIDE - 8, y1: LOW, y2: LOW, class: "axis" }), svg("text", { x: LEFT - 6, y: y(most) + 4, "text-anchor": "end" }, String(most)), svg("text", { x: LEFT - 6, y: LOW + 4, "text-anchor": "end" }, "0"), svg("text", { x: (LEFT + WIDE) / 2, y: HIGH - 4, "text-anchor": "middle" }, "price in collisions, logarithmic"));
  for (const { price } of sorted) node.append(svg("text", { x: x(price), y: LOW + 15, "text-anchor": "middle" }, String(price)));
  Object.entries(lines).forEach(([name, of], i) => {
    node.append(svg("polyline", { points: sorted.map((layer) => `${x(layer.price)},${y(of(layer))}`).join(" "), class: `line-${i}` }));
    for (const layer of sorted) node.append(svg("circle", { cx: x(layer.price), cy: y(of(layer)), r: 3.5, class: `line-${i}` }, svg("title", {}, `price ${layer.price}: ${of(layer)} ${name}`)));
  });
  section.append(h("figure", { class: "wide" }, h("figcaption", {}, "Episodes over the price",
    h("div", { class: "legend" }, Object.keys(lines).map((name, i) => h("span", {}, h("i", { class: `line-${i}` }), name)))), node));
  return section;
}

function times(title, found, unit) {
  if (!found) return h("figure", {}, h("figcaption", {}, title), h("p", { class: "muted" }, "no intervention has it"));
  const bins = found.counts.length, bars = found.counts.map((number, i) => ({ from: i / bins, to: (i + 1) / bins, count: number, label: `${fixed(i * found.width, 1)} s and more: ${count(number, "intervention")}` }));
  const ticks = [0, 5, 10, 15, 20].map((i) => [i / bins, fixed(i * found.width, 1)]);
  return h("figure", {}, h("figcaption", {}, title), histogram({ bars, ticks, unit, title }));
}

function costs(layers) {
  const pair = (own, bare, digits) => [fixed(own, digits), h("small", {}, `${fixed(bare, digits)} without`)];
  return h("section", {}, h("h2", {}, "Costs"), table(
    [["layer", ""], ["brakes < −3.5 /h", "n"], ["brakes < −5 m/s² /h", "n"], ["jerk m/s³", "n"], ["override", "n"], ["progress m", "n"], ["rear conflicts", "n"], ["switches /s", "n"]],
    layers.map(({ arm, cost }) => [words(arm), pair(cost.brakes, cost.bare_brakes, 1), pair(cost.hard_brakes, cost.bare_hard_brakes, 1), pair(cost.jerk, cost.bare_jerk, 2), `${fixed(100 * cost.override, 2)} %`,
      [fixed(cost.progress.value, 1), cost.progress.low === null ? null : h("small", {}, `${fixed(cost.progress.low, 1)} to ${fixed(cost.progress.high, 1)}`)], String(cost.rear_conflicts), fixed(cost.chatter, 2)]), "scores"));
}

// What monitors said where no layer acted.
function alarms(monitors) {
  const of = ({ rate }) => rate.trials ? `${rate.hits} / ${rate.trials}` : "–";
  return h("section", {}, h("h2", {}, "Monitors, without the layer"),
    h("p", { class: "muted" }, "Past the limit: in how many decisions; 3.0 to 0.5 s before how many contacts; in how many episodes without any contact."),
    table([["monitor", ""], ["decisions", "n"], ["before contacts", "n"], ["without a contact", "n"], ["worst", ""]],
      monitors.map((one) => [words(one.monitor), one.ticks.rate.trials ? `${fixed(100 * one.ticks.rate.hits / one.ticks.rate.trials, 1)} %` : "–", of(one.warned), of(one.needless),
        one.worst ? [h("span", { class: "name" }, named(one.scenario)), ` at ${fixed(one.time, 2)} s: ${one.worst}`] : "–"]), "wrong"));
}

// The reliability diagram: a point for each bin of chances, on logarithmic axes.
function critic(found) {
  const section = h("section", {}, h("h2", {}, "Critic, without the layer"));
  if (!found) {
    section.append(h("p", { class: "muted" }, "Foretold chances against what came: with --critic FILE."));
    return section;
  }
  if (!found.decisions) {
    section.append(h("p", { class: "muted" }, `All ${found.left_out} decisions are too near an end to tell.`));
    return section;
  }
  const bins = found.bins.filter((bin) => bin.decisions), percent = (share) => `${fixed(100 * share, share < 0.01 ? 2 : 1)} %`;
  const between = ({ low, high }) => low === null ? null : h("small", {}, `${fixed(100 * low, 2)} to ${fixed(100 * high, 2)}`);
  section.append(h("figure", {}, h("figcaption", {}, "Contact within 3 s: foretold and seen ", h("small", { class: "muted" }, "with 95 % intervals over episodes")), reliability(bins, percent)));
  const spread = found.brier.low === null ? "" : ` (${found.brier.low.toPrecision(2)} to ${found.brier.high.toPrecision(2)})`;
  section.append(h("p", {}, `Brier ${found.brier.value.toPrecision(3)}${spread}, of the rate alone ${found.brier_of_rate.toPrecision(3)}; ECE ${found.ece.toPrecision(3)} over these bins.`),
    h("p", { class: "muted" }, `${found.unsafe} of ${count(found.decisions, "decision")} in ${count(found.episodes, "episode")} were followed by a contact to answer for; ${found.left_out} more are too near an end to tell. The chance is that of executing the plan for 3 s; here the planner may have changed its mind.`));
  section.append(table([["chances", ""], ["decisions", "n"], ["episodes", "n"], ["foretold", "n"], ["seen", "n"]],
    bins.map((bin) => [`${100 * bin.least} to ${100 * bin.most} %`, String(bin.decisions), String(bin.episodes), percent(bin.foretold), [percent(bin.seen.value), between(bin.seen)]]), "scores"));
  return section;
}

const LEAST_CHANCE = 1e-4;  // what is less is drawn there

function reliability(bins, percent) {
  const WIDE = 360, HIGH = 330, LEFT = 48, LOW = HIGH - 40, RIGHT = WIDE - 12, TOP = 12;
  const along = (share) => Math.log10(Math.max(share, LEAST_CHANCE) / LEAST_CHANCE) / -Math.log10(LEAST_CHANCE);
  const x = (share) => LEFT + (RIGHT - LEFT) * along(share), y = (share) => LOW - (LOW - TOP) * along(share);
  const node = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "curve reliability", role: "img", "aria-label": "share of contacts over the chance that was foretold" });
  for (const share of [1e-4, 1e-3, 1e-2, 1e-1, 1]) {
    const name = share > LEAST_CHANCE ? `${100 * share}` : `≤${100 * share}`;
    node.append(svg("line", { x1: LEFT, x2: RIGHT, y1: y(share), y2: y(share), class: "grid" }), svg("line", { x1: x(share), x2: x(share), y1: TOP, y2: LOW, class: "grid" }),
      svg("text", { x: LEFT - 5, y: y(share) + 4, "text-anchor": "end" }, name), svg("text", { x: x(share), y: LOW + 15, "text-anchor": "middle" }, name));
  }
  node.append(svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "axis" }),
    svg("text", { x: (LEFT + RIGHT) / 2, y: HIGH - 6, "text-anchor": "middle" }, "foretold %"),
    svg("text", { x: 11, y: (TOP + LOW) / 2, "text-anchor": "middle", transform: `rotate(-90 11 ${(TOP + LOW) / 2})` }, "seen %"));
  for (const { foretold, seen, decisions, episodes } of bins) {
    if (seen.low !== null) node.append(svg("line", { x1: x(foretold), x2: x(foretold), y1: y(seen.low), y2: y(seen.high), class: "point" }));
    node.append(svg("circle", { cx: x(foretold), cy: y(seen.value), r: 4.5, class: "point" },
      svg("title", {}, `foretold ${percent(foretold)}, seen ${percent(seen.value)}: ${count(decisions, "decision")} in ${count(episodes, "episode")}`)));
  }
  return node;
}

function kept(data) {
  const section = h("section", {}, h("h2", {}, "Missed, needless, harmful ", h("span", { class: "muted" }, String(data.cases_count))));
  if (!data.cases.length) {
    section.append(h("p", { class: "muted" }, "✓ No episode was missed, harmed, or interfered with for nothing."));
    return section;
  }
  section.append(table([["", ""], ["scenario", ""], ["why", ""], ["drive it again", ""]],
    data.cases.map((one) => [h("span", { class: `label-word ${one.label}` }, words(one.label)), h("span", { class: "name" }, named(one.scenario)), one.why, one.file ? h("code", {}, one.file) : "too large for a file"]), "wrong"));
  return section;
}
