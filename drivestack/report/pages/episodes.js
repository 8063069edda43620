// The list of episodes: filters, sorting, and the way to each replay.

const COLUMNS = [["episode", "#", true], ["scenario", "scenario", false], ["suite", "suite", false], ["seed", "seed", true], ["outcome", "outcome", false],
  ["expectations", "expected", false], ["interventions", "interventions", true], ["seconds", "time s", true]];

pages.episodes = (root, data, query) => {
  const state = {
    text: query.get("text") || "", suite: query.get("suite") || "", family: query.get("family") || "", outcome: query.get("outcome") || "",
    wrong: query.get("only") === "wrong", acted: query.get("only") === "interventions", range: range_of(query.get("range"), data), sort: "episode", down: false,
  };
  const shown = h("p", { class: "muted", role: "status" }), body = h("tbody");
  const refresh = () => {
    const rows = sorted(data.rows.filter((row) => passes(row, state)), state, data);
    body.replaceChildren(...rows.slice(0, 1000).map((row) => line(row, data)));
    const more = data.total > data.rows.length ? `; the other ${data.total - data.rows.length} are in episodes.parquet` : "";
    shown.textContent = `${rows.length} of ${count(data.rows.length, "episode")}${rows.length > 1000 ? ", the first 1000 shown" : ""}${more}`;
  };
  root.append(h("header", { class: "head" }, h("h1", {}, "Episodes")), filters(data, state, refresh), shown,
    h("div", { class: "scroll" }, h("table", { class: "cases" }, heads(data, state, refresh), body)));
  refresh();
};

function filters(data, state, refresh) {
  const pick = (name, label) => {
    const found = [...new Set(data.rows.map((row) => row[name]))].sort();
    const node = h("select", { "aria-label": label, id: `filter-${name}` }, h("option", { value: "" }, `any ${label}`),
      found.map((value) => h("option", { value, selected: value === state[name] }, words(value))));
    node.addEventListener("change", () => { state[name] = node.value; refresh(); });
    return node;
  };
  const tick = (name, label) => {
    const box = h("input", { type: "checkbox", id: `filter-${name}`, checked: state[name] });
    box.addEventListener("change", () => { state[name] = box.checked; refresh(); });
    return h("label", {}, box, ` ${label}`);
  };
  const search = h("input", { type: "search", id: "filter-text", placeholder: "text in scenario or reason", "aria-label": "text", value: state.text });
  search.addEventListener("input", () => { state.text = search.value; refresh(); });
  const bin = state.range && h("button", { type: "button", class: "chip", onclick: (event) => { state.range = null; event.currentTarget.remove(); refresh(); } },
    `${state.range.title}: ${state.range.low === null ? "…" : short(state.range.low)} to ${state.range.high === null ? "…" : short(state.range.high)} ✕`);
  return h("div", { class: "tools" }, search, pick("suite", "suite"), pick("family", "family"), pick("outcome", "outcome"),
    tick("wrong", "only failures"), tick("acted", "only interventions"), bin);
}

function heads(data, state, refresh) {
  const row = h("tr", {}, COLUMNS.map(([name, title, numeric]) => {
    const button = h("button", { type: "button", class: "sort" }, title);
    const cell = h("th", { scope: "col", class: numeric ? "n" : "", "aria-sort": "none" }, button);
    button.addEventListener("click", () => {
      state.down = state.sort === name ? !state.down : false;
      state.sort = name;
      for (const other of row.children) other.setAttribute("aria-sort", "none");
      cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      refresh();
    });
    return cell;
  }), data.measures.slice(0, 3).map((name) => h("th", { scope: "col", class: "n" }, name.replace("_1", "@1"))));
  return h("thead", {}, row);
}

function line(row, data) {
  return h("tr", { class: row.wrong ? "wrong" : "" },
    h("td", { class: "n" }, h("a", { href: `#ep=${row.episode}`, title: row.embedded ? "replay" : "how to see it" }, `${row.episode}`, row.embedded ? h("span", { class: "play-mark", "aria-label": "replay embedded" }, " ▸") : null)),
    h("td", { class: "name" }, named(row.scenario), row.why ? h("small", {}, row.why) : null), h("td", {}, row.suite), h("td", { class: "n" }, String(row.seed)),
    h("td", {}, outcome(row.outcome), row.outcome === "contact" ? h("small", {}, row.at_fault ? "at fault" : "not at fault") : null),
    h("td", {}, { none: "–", met: "✓ met", failed: "✕ failed" }[row.expectations] || row.expectations),
    h("td", { class: "n" }, row.interventions ? `△ ${row.interventions}` : "0"), h("td", { class: "n" }, fixed(row.seconds, 1)),
    data.measures.slice(0, 3).map((_, i) => h("td", { class: "n" }, row.values[i] === null ? "–" : fixed(100 * row.values[i], 0))));
}

function range_of(text, data) {
  if (!text) return null;
  const [column, low, high] = text.split(":"), place = data.measures.indexOf(column);
  if (place < 0) return null;
  return { place, title: words(column), low: low ? Number(low) : null, high: high ? Number(high) : null };
}

function passes(row, state) {
  if (state.suite && row.suite !== state.suite) return false;
  if (state.family && row.family !== state.family) return false;
  if (state.outcome && row.outcome !== state.outcome) return false;
  if (state.wrong && !row.wrong) return false;
  if (state.acted && !row.interventions) return false;
  if (state.text && !`${row.scenario} ${row.why}`.toLowerCase().includes(state.text.toLowerCase())) return false;
  if (!state.range) return true;
  const value = row.values[state.range.place], { low, high } = state.range;
  // the last bin of a histogram holds its upper end too
  return value !== null && (low === null || value >= low) && (high === null || value < high);
}

function sorted(rows, state) {
  const sign = state.down ? -1 : 1, by = state.sort;
  return [...rows].sort((a, b) => sign * (typeof a[by] === "number" ? a[by] - b[by] : String(a[by]).localeCompare(String(b[by]))) || a.episode - b.episode);
}
