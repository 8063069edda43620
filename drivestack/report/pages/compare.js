// Two runs on the same scenarios: differences with intervals, and every pair of episodes.

pages.compare = (root, data, query) => {
  const numbers = data.measures.includes("pdms_1") ? "pdms_1" : data.measures[0];
  const state = { group: 0, measure: query.get("measure") || numbers, text: "", worse: false, acted: false, contact: false, sort: "place", down: false, by: "place", byDown: false };
  const differences = h("div"), list = h("div");
  const refresh = () => {
    differences.replaceChildren(measures(data, state, refresh));
    list.replaceChildren(pairList(data, state, refresh));
  };
  root.append(h("header", { class: "head" }, h("h1", {}, `${data.who[1]} against ${data.who[0]}`), h("p", { class: "muted" },
    `${count(data.pairs, "scenario")} in both runs · base ${data.folders[0]} · other ${data.folders[1]}`)), verdict(data), reservations(data),
  h("section", {}, h("h2", {}, "Differences ", h("span", { class: "muted" }, "other minus base, 95 % intervals of the pairs")), groups(data, state, refresh), differences),
  h("section", {}, h("h2", {}, "Episodes ", h("span", { class: "muted" }, "a click on a scenario opens both on one clock")), narrowing(data, state, () => list.replaceChildren(pairList(data, state, refresh))), list));
  refresh();
};

function verdict(data) {
  if (!data.regressions.length) return h("p", { class: "verdict" }, "✓ No regression is established.");
  const told = data.regressions.slice(0, 12).map(([group, measure]) => `${words(measure)}${group === "total" ? "" : ` (${group})`}`);
  const more = data.regressions.length - told.length;
  return h("p", { class: "verdict bad" }, h("strong", {}, `✕ ${count(data.regressions.length, "regression")}: `), told.join(", "), more > 0 ? ` and ${more} more` : "");
}

// What makes the runs less comparable.
function reservations(data) {
  const only = (found, which) => found.count && `Only in the ${which}: ${found.count} (${found.first.slice(0, 3).join(", ")}${found.count > 3 ? ", …" : ""}).`;
  const told = [
    only(data.only[0], "base"), only(data.only[1], "other run"),
    data.redefined && `In ${data.redefined} pairs the scenario’s contents differ.`, data.rescored && `In ${data.rescored} pairs the scores are made of different terms.`,
    data.uncompared.length && `Not logged by both: ${data.uncompared.map(words).join(", ")}.`,
  ].filter(Boolean);
  const made = data.deviations.map((one) => [h("dt", {}, words(one.what)), h("dd", {}, `${one.base} → ${one.other}`)]);
  return h("div", {}, told.length ? h("p", { class: "notice" }, told.join(" ")) : null, made.length ? h("dl", { class: "facts" }, made) : null);
}

function groups(data, state, refresh) {
  if (data.groups.length < 2) return null;
  const node = h("select", { id: "group", "aria-label": "family" }, data.groups.map((group, i) => h("option", { value: i }, i ? `${group.name} (${group.pairs})` : `all families (${group.pairs})`)));
  node.addEventListener("change", () => { state.group = Number(node.value); refresh(); });
  const left = data.families - (data.groups.length - 1);
  return h("div", { class: "tools" }, node, left > 0 ? h("span", { class: "muted" }, `${left} more families in drivestack compare --json`) : null);
}

const DIFFERENCES = [["place", "measure", ""], ["pairs", "n", "n"], ["changed", "changed", "n"], ["base", "base", "n"], ["other", "other", "n"], ["difference", "difference", "n"], ["size", "", ""], ["p", "p", "n"], ["verdict", "says", ""]];
const SIGNS = ["worse", "better", "lower", "higher", "unclear", "equal"];

function measures(data, state, refresh) {
  const all = data.groups[state.group].differences, rows = all.filter((one) => one.changed).map((one, place) => ({
    ...one, place, size: Math.abs(one.difference) / (spanOf(one) || 1), verdict: one.regression ? -1 : SIGNS.indexOf(one.sign),
  }));
  const equal = all.filter((one) => !one.changed).map((one) => words(one.measure));
  const note = equal.length ? h("p", { class: "muted" }, `Equal in every pair: ${equal.join(", ")}.`) : null;
  if (!rows.length) return h("div", {}, h("p", {}, "No pair differs in anything that is measured."), note);
  const line = (one) => h("tr", { class: one.regression ? "wrong" : one.measure === state.measure ? "picked" : "" },
    h("th", { scope: "row" }, data.measures.includes(one.measure) ? h("button", { type: "button", class: "link", title: "show it of every episode", onclick: () => { state.measure = one.measure; state.sort = "gap"; state.down = one.better !== "lower" ? false : true; refresh(); } }, measureName(one.measure)) : measureName(one.measure)),
    h("td", { class: "n" }, String(one.pairs)), h("td", { class: "n" }, String(one.changed)), h("td", { class: "n" }, plain(one, one.base)), h("td", { class: "n" }, plain(one, one.other)),
    h("td", { class: "n" }, gap(one, one.difference), one.low === null ? null : h("small", {}, `${gap(one, one.low)} to ${gap(one, one.high)}`)),
    h("td", {}, whisker(one)), h("td", { class: "n" }, one.p === null ? "–" : one.p < 0.001 ? "< 0.001" : fixed(one.p, 3)),
    h("td", {}, h("span", { class: `sign ${one.regression ? "regression" : one.sign}` }, one.regression ? "✕ regression" : { worse: "▽ worse", better: "△ better", lower: "lower", higher: "higher", unclear: "unclear" }[one.sign])));
  return h("div", {}, h("div", { class: "scroll" }, h("table", { class: "differences" }, sortable(DIFFERENCES, state, "by", "byDown", refresh), h("tbody", {}, ordered(rows, state.by, state.byDown).map(line)))), note);
}

// A row of heads that sort; which one and which way stands in the state.
function sortable(columns, state, by, down, refresh) {
  return h("thead", {}, h("tr", {}, columns.map(([name, title, kind]) => {
    const button = title ? h("button", { type: "button", class: "sort", onclick: () => { state[down] = state[by] === name ? !state[down] : false; state[by] = name; refresh(); } }, title) : null;
    return h("th", { scope: "col", class: kind, "aria-sort": state[by] === name && name !== "place" ? (state[down] ? "descending" : "ascending") : "none" }, button);
  })));
}

function ordered(rows, by, down) {
  const sign = down ? -1 : 1;
  const key = (row) => (row[by] === null || row[by] === undefined ? Infinity : row[by]);
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === Infinity || y === Infinity) return (x === Infinity) - (y === Infinity) || a.place - b.place; // what there is not comes last
    return sign * (typeof x === "number" ? x - y : String(x).localeCompare(String(y))) || a.place - b.place;
  });
}

function measureName(name) {
  return words(name.replace(/_1$/, "@1"));
}

function plain(one, value) {
  return value === null ? "–" : one.rate ? `${fixed(100 * value, 1)} %` : short(value);
}

// A difference with its sign; of rates in percentage points.
function gap(one, value) {
  if (value === null || value === undefined) return "–";
  const size = one.rate ? 100 * value : value, text = Math.abs(size) >= 10 ? fixed(size, 1) : fixed(size, one.rate ? 1 : 3);
  return `${size > 0 ? "+" : ""}${text}${one.rate ? " pp" : ""}`;
}

function spanOf(one) {
  return Math.max(Math.abs(one.low ?? one.difference), Math.abs(one.high ?? one.difference), Math.abs(one.difference));
}

// The interval about none, each on its own scale: whether it holds zero is what is to be seen.
function whisker(one) {
  const span = spanOf(one);
  if (!span) return null;
  const x = (value) => 60 + 54 * value / span, [low, high] = [one.low ?? one.difference, one.high ?? one.difference];
  return svg("svg", { class: `whisker ${one.regression ? "regression" : one.sign}`, viewBox: "0 0 120 16", width: 120, height: 16, role: "img", "aria-label": `from ${gap(one, low)} to ${gap(one, high)}` },
    svg("line", { class: "zero", x1: 60, x2: 60, y1: 1, y2: 15 }), svg("line", { class: "range", x1: x(low), x2: x(high), y1: 8, y2: 8 }),
    [low, high].map((value) => svg("line", { class: "range", x1: x(value), x2: x(value), y1: 5, y2: 11 })), svg("circle", { cx: x(one.difference), cy: 8, r: 3.2 }));
}

function narrowing(data, state, refresh) {
  const tick = (name, label) => {
    const box = h("input", { type: "checkbox", id: `only-${name}`, checked: state[name] });
    box.addEventListener("change", () => { state[name] = box.checked; refresh(); });
    return h("label", {}, box, ` ${label}`);
  };
  const search = h("input", { type: "search", id: "pair-text", placeholder: "text in scenario", "aria-label": "text in scenario" });
  search.addEventListener("input", () => { state.text = search.value; refresh(); });
  return h("div", { class: "tools" }, search, tick("worse", "only regressions"), tick("acted", "only interventions"), tick("contact", "contact changed"));
}

function pairList(data, state, refresh) {
  const at = data.measures.indexOf(state.measure), about = data.groups[0].differences.find((one) => one.measure === state.measure);
  const rows = data.rows.map((row, place) => {
    const [base, other] = row.values.map((values) => values[at] ?? null);
    const change = base === null || other === null ? null : other - base;
    return { ...row, place, base, other, gap: change, changes: row.appeared.length ? -row.appeared.length : row.vanished.length ? 1 : 2, stepped: row.acted[0] + row.acted[1], outcome: row.outcomes[1] };
  });
  const worse = (row) => row.appeared.length > 0 || (about && row.gap !== null && (about.better === "higher" ? row.gap < 0 : about.better === "lower" && row.gap > 0));
  const found = rows.filter((row) => (!state.worse || worse(row)) && (!state.acted || row.stepped) && (!state.contact || row.contacts[0] !== row.contacts[1])
    && row.scenario.toLowerCase().includes(state.text.toLowerCase()));
  const name = about ? measureName(state.measure) : "";
  const columns = [["scenario", "scenario", ""], ["outcome", "outcome", ""], ["changes", "what changed", ""],
    ...(about ? [["base", `${name}: base`, "n"], ["other", "other", "n"], ["gap", "difference", "n"]] : []), ["stepped", "interventions", "n"]];
  const line = (row) => h("tr", { class: row.appeared.length ? "wrong" : "" },
    h("td", { class: "name" }, h("a", { href: `#pair?n=${row.episodes[0]}`, title: row.embedded ? "side by side" : "how to see them" }, named(row.scenario), row.embedded ? h("span", { class: "play-mark", "aria-label": "replay embedded" }, " ▸") : null)),
    h("td", {}, outcome(row.outcomes[0]), row.outcomes[0] === row.outcomes[1] ? null : [" → ", outcome(row.outcomes[1])]),
    h("td", {}, row.appeared.length ? h("div", { class: "bad" }, `now ${row.appeared.join(", ")}`) : null, row.vanished.length ? h("div", {}, `no longer ${row.vanished.join(", ")}`) : null, row.appeared.length + row.vanished.length ? null : h("span", { class: "muted" }, "–")),
    about ? [h("td", { class: "n" }, single(about, row.base)), h("td", { class: "n" }, single(about, row.other)), h("td", { class: "n" }, about.rate ? single(about, row.gap, true) : gap(about, row.gap))] : null,
    h("td", { class: "n" }, row.stepped ? `△ ${row.acted[0]} → ${row.acted[1]}` : "0"));
  const more = data.pairs > data.rows.length ? `; of ${data.pairs} pairs the worst ${data.rows.length} are listed` : "";
  return h("div", {}, h("p", { class: "muted", role: "status" }, `${found.length} of ${count(rows.length, "pair")}${more}`),
    h("div", { class: "scroll" }, h("table", { class: "cases" }, sortable(columns, state, "sort", "down", refresh), h("tbody", {}, ordered(found, state.sort, state.down).map(line)))));
}

// A value of one episode: of a rate it is yes or no.
function single(about, value, change = false) {
  if (value === null) return "–";
  if (!about.rate) return short(value);
  return change ? (value === 0 ? "same" : value > 0 ? "now" : "no longer") : value ? "yes" : "no";
}
