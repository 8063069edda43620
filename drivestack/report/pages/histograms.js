// Distributions; a bin leads to its episodes.

pages.histograms = (root, data, query) => {
  const suite = query.get("suite") || "";
  const choice = h("select", { "aria-label": "suite" }, h("option", { value: "" }, "all suites"),
    data.suites.map((name) => h("option", { value: name, selected: name === suite }, name)));
  choice.addEventListener("change", () => { location.hash = choice.value ? `#histograms?suite=${encodeURIComponent(choice.value)}` : "#histograms"; });
  root.append(h("header", { class: "head" }, h("h1", {}, "Histograms"), h("div", { class: "tools" }, choice)));
  root.append(h("p", { class: "muted" }, "Episodes per bin. Click a bin for its episodes."));
  if (!data.measures.length) root.append(h("p", { class: "notice" }, "No episode has a measure to show."));
  const grid = h("div", { class: "charts" });
  for (const measure of data.measures) grid.append(figure(measure, data.suites, suite));
  root.append(grid);
  root.append(h("h2", {}, "Time that a decision takes"), data.latency ? latency(data.latency)
    : h("p", { class: "muted" }, "No decision was timed: these egos drive themselves."));
};

function figure(measure, suites, suite) {
  const { edges, column } = measure, bins = edges.length - 1, chosen = suite ? [suite] : suites;
  const counts = Array.from({ length: bins }, (_, i) => chosen.reduce((sum, name) => sum + measure.counts[name][i], 0));
  const low = edges[0], high = edges[bins], share = (value) => (value - low) / (high - low);
  const bars = counts.map((number, i) => ({
    from: share(edges[i]), to: share(edges[i + 1]), count: number,
    label: `${short(edges[i])} to ${i === bins - 1 ? "most" : short(edges[i + 1])} ${measure.unit}: ${count(number, "episode")}`,
    onclick: () => {
      const ends = `${column}:${i === 0 ? "" : edges[i]}:${i === bins - 1 ? "" : edges[i + 1]}`;
      location.hash = `#episodes?range=${encodeURIComponent(ends)}${suite ? `&suite=${encodeURIComponent(suite)}` : ""}`;
    },
  }));
  const ticks = edges.filter((_, i) => i % 5 === 0).map((edge) => [share(edge), `${+edge.toFixed(2)}`]);
  const empty = !counts.some(Boolean);
  return h("figure", {}, h("figcaption", {}, measure.title, measure.absent ? h("small", { class: "muted" }, ` absent in ${measure.absent}`) : null),
    empty ? h("p", { class: "muted" }, "no episode of this suite has it") : histogram({ bars, ticks, unit: measure.unit || "score, 1 is best", title: measure.title }));
}

function latency(data) {
  const first = Math.min(data.bins[0], -8), end = Math.max(data.bins[data.bins.length - 1] + 1, Math.ceil(8 * Math.log10(data.deadline_ms)) + 2);
  const share = (bin) => (bin - first) / (end - first), at = (bin) => 10 ** (bin / data.per_decade);
  const bars = data.bins.map((bin, i) => ({ from: share(bin), to: share(bin + 1), count: data.counts[i], label: `${short(at(bin))} to ${short(at(bin + 1))} ms: ${count(data.counts[i], "decision")}` }));
  const ticks = [];
  for (let power = Math.ceil(first / 8); power <= Math.floor(end / 8); power++) ticks.push([share(8 * power), `${10 ** power}`]);
  const [p50, p95, p99, most] = data.quantiles_ms;
  return h("div", {}, h("figure", { class: "wide" }, histogram({ bars, ticks, unit: "ms, logarithmic", title: "wall time of decisions", wide: 640, marks: [[share(8 * Math.log10(data.deadline_ms)), `deadline ${fixed(data.deadline_ms, 0)} ms`]] })),
    h("p", { class: "muted" }, `Wall time of a whole batch of up to ${data.slots} scenarios a decision: p50 ${short(p50)} ms, p95 ${short(p95)} ms, p99 ${short(p99)} ms, most ${short(most)} ms. The deadline is one control period of one car.`));
}
