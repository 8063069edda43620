// The first page: what was run, what it came to, what went wrong.

pages.overview = (root, data) => {
  const { made, total } = data;
  root.append(h("header", { class: "head" },
    h("h1", {}, data.who.join(", ") || "no episodes"),
    h("p", { class: "muted" }, [
      count(total ? total.episodes : 0, "episode"), made.seconds ? `${fixed(made.seconds, 0)} s` : null,
      made.interrupted ? "interrupted" : null,
    ].filter(Boolean).join(" · "))));
  if (made.interrupted) root.append(h("p", { class: "notice" }, "This run was interrupted: only what had finished is here."));
  if (!total) {
    root.append(h("p", { class: "notice" }, "No episode has finished, so there is nothing to show."));
    return;
  }
  root.append(tiles(data), wrong(data), scores("By suite", data.suites, data), scores("By family", data.families, data),
    subMetrics(data), facts(data));
};

function tiles(data) {
  const { total } = data;
  const tile = (label, value, note, mark) => h("div", { class: `tile ${mark || ""}` },
    h("div", { class: "label" }, label), h("div", { class: "value" }, value), h("div", { class: "note" }, note));
  const score = (name) => tile(data.score_ids[name], times100(total.scores[name].value), `× 100, ${interval(total.scores[name], 100, 0)}`);
  const gates = total.with_expectations
    ? tile("gates passed", `${total.as_expected} / ${total.with_expectations}`, total.as_expected === total.with_expectations ? "✓ all as expected" : "✕ see below", total.as_expected === total.with_expectations ? "" : "alert")
    : tile("gates", "–", "no scenario states what it expects");
  return h("section", { class: "tiles", "aria-label": "Score card" },
    Object.keys(data.score_ids).map(score),
    tile("contacts", String(total.contact.hits), `of ${total.contact.trials}, ${spread(total.contact)}; ${total.at_fault.hits} at fault`, total.contact.hits ? "alert" : ""),
    asked(total.duties) ? duties(total.duties, tile) : tile("goals reached", total.goal.trials ? `${total.goal.hits} / ${total.goal.trials}` : "–", total.goal.trials ? spread(total.goal) : "no goals"),
    gates,
    tile("interventions", String(data.interventions.spells), `in ${count(data.interventions.episodes, "episode")}`),
    tile("failed", String(total.failed), total.failed ? "raised an error; 0 in every score" : "no episode raised", total.failed ? "alert" : ""));
}

// Whether the suite says anywhere when contact must be avoided.
function asked(found) {
  return found.met.trials + found.exempt + found.not_exercised > 0;
}

function duties(found, tile) {
  const { hits, trials } = found.met;
  return tile("duties met", trials ? `${hits} / ${trials}` : "–", `exempt ${found.exempt}, not exercised ${found.not_exercised}`, hits < trials ? "alert" : "");
}

// What the cases were: met of those that had to be avoided, below it the others.
function duty(found) {
  if (!asked(found)) return "–";
  const others = [found.exempt && `${found.exempt} exempt`, found.not_exercised && `${found.not_exercised} not exercised`].filter(Boolean).join(", ");
  return [found.met.trials ? `${found.met.hits}/${found.met.trials}` : "–", h("small", {}, others)];
}

function wrong(data) {
  const section = h("section", {}, h("h2", {}, "Went wrong ", h("span", { class: "muted" }, String(data.wrong_count))));
  if (!data.wrong.length) {
    section.append(h("p", { class: "muted" }, "✓ No contact, nobody off the road, nothing raised, nothing unexpected, no score of 0."));
    return section;
  }
  section.append(table(
    [["episode", ""], ["scenario", ""], ["outcome", ""], ["why", ""]],
    data.wrong.map((row) => [
      h("a", { href: `#ep=${row.episode}` }, String(row.episode)), row.scenario, outcome(row.outcome),
      row.why || (row.outcome === "contact" ? (row.at_fault ? "at fault" : "not at fault") : ""),
    ]), "wrong"));
  if (data.wrong_count > data.wrong.length) {
    section.append(h("p", {}, h("a", { href: "#episodes?only=wrong" }, `all ${data.wrong_count}`)));
  }
  return section;
}

function scores(title, lines, data) {
  const judged = asked(data.total.duties), scripted = data.total.exercised.trials > 0;
  const heads = [["", ""], ["n", "n"], ["failed", "n"], ["contact", "n"], ["at fault", "n"], ...(judged ? [["duty met", "n"]] : []),
    ...(scripted ? [["exercised", "n"]] : []), ["goal", "n"], ["frozen", "n"],
    ...Object.values(data.score_ids).map((id) => [id, "n"]), ["progress m", "n"], ["speed m/s", "n"]];
  const rows = lines.map((line) => [
    h("a", { href: `#episodes?${title === "By suite" ? "suite" : "family"}=${encodeURIComponent(line.scene)}` }, line.scene),
    String(line.episodes), line.failed ? h("strong", { class: "bad" }, `! ${line.failed}`) : "0",
    rate(line.contact), rate(line.at_fault), ...(judged ? [duty(line.duties)] : []),
    ...(scripted ? [line.exercised.trials ? rate(line.exercised, true) : "–"] : []), line.goal.trials ? rate(line.goal, true) : "–", rate(line.frozen),
    ...Object.keys(data.score_ids).map((name) => mean(line.scores[name], 100, 0)), mean(line.progress_m, 1, 0), mean(line.mean_speed, 1, 1),
  ]);
  return h("section", {}, h("h2", {}, title), table(heads, rows, "scores"),
    title === "By family" ? h("p", { class: "muted" }, "Scores × 100. Small figures: 95 % intervals, Wilson’s for rates, bootstrapped for means.") : null);
}

function subMetrics(data) {
  const rows = data.sub_metrics.filter((name) => data.total.scores[name].count).map((name) => {
    const found = data.total.scores[name];
    return [words(name), bar(found.value), mean(found, 100, 0), String(found.count)];
  });
  return h("section", {}, h("h2", {}, "What the scores are made of"), table([["sub-metric", ""], ["", ""], ["mean × 100", "n"], ["episodes", "n"]], rows, "narrow"));
}

function bar(value) {
  const node = h("span", { class: "meter", "aria-hidden": "true" }, h("span"));
  node.firstChild.style.width = `${100 * value}%`;
  return node;
}

function facts(data) {
  const { made } = data, known = Object.entries(made.settings).filter(([, value]) => value !== null);
  const list = [
    ["score ids", Object.values(data.score_ids).join(", ")], ["traffic", data.traffic.join("; ")],
    ["reference planner", data.reference || "–"], ["outcomes", Object.entries(data.outcomes).map(([k, v]) => `${words(k)} ${v}`).join(", ")],
    ["settings", known.map(([k, v]) => `${words(k)} ${v}`).join(", ")],
    ["seeds", made.seeds.length > 12 ? `${made.seeds.slice(0, 12).join(", ")} … (${made.seeds.length})` : made.seeds.join(", ")],
    ["config hash", made.config || "–"], ["digest of results", made.digest || "–"],
    ["versions", Object.entries(made.versions).map(([k, v]) => `${k} ${v}`).join(", ")],
    ["machine", Object.entries(made.machine).map(([k, v]) => `${k} ${v}`).join(", ")],
    ["frame", made.frame],
  ];
  return h("section", {}, h("h2", {}, "How it was made"), command(made.command),
    h("dl", { class: "facts" }, list.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function times100(value) {
  return value === null ? "–" : fixed(100 * value, 0);
}

function interval(found, times, digits) {
  return found.low === null ? "one episode only" : `${fixed(times * found.low, digits)}–${fixed(times * found.high, digits)}`;
}

function spread(found) {
  return `${fixed(100 * found.low, 0)}–${fixed(100 * found.high, 0)} %`;
}

function rate(found, of = false) {
  return [of ? `${found.hits}/${found.trials}` : String(found.hits), h("small", {}, found.trials ? spread(found) : "")];
}

function mean(found, times, digits) {
  if (found.value === null) return "–";
  return [fixed(times * found.value, digits), h("small", {}, found.low === null ? "" : interval(found, times, digits))];
}
