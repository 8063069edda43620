// The list of interventions: which check, about whom, why, and what it was.

pages.interventions = (root, data, query) => {
  const only = query.get("label") || "";
  const choice = h("select", { "aria-label": "label" }, h("option", { value: "" }, "all labels"),
    data.labels.map((name) => h("option", { value: name, selected: name === only }, words(name))));
  choice.addEventListener("change", () => { location.hash = choice.value ? `#interventions?label=${choice.value}` : "#interventions"; });
  root.append(h("header", { class: "head" }, h("h1", {}, "Interventions"), h("div", { class: "tools" }, choice)));
  const rows = data.rows.filter((row) => !only || row.label === only);
  if (!rows.length) {
    root.append(h("p", { class: "notice" }, "The layer never acted."));
    return;
  }
  root.append(h("p", { class: "muted" }, `${rows.length.toLocaleString("en")} of ${count(data.total, "intervention")}, the gravest first; a spell ends when nothing is done for a second`));
  root.append(table(
    [["label", ""], ["scenario", ""], ["at s", "n"], ["for s", "n"], ["check", ""], ["why", ""], ["value", "n"], ["limit", "n"], ["lead s", "n"], ["margin s", "n"], ["impact delta-v m/s", "n"]],
    rows.map((row) => [h("span", { class: `label-word ${row.label}` }, words(row.label)), h("span", { class: "name" }, named(row.scenario)),
      fixed(row.time, 2), fixed(row.seconds, 2), [words(row.check), h("small", {}, row.object >= 0 ? `road user ${row.object}` : words(row.kind))], row.sentence,
      short(row.value), short(row.limit), fixed(row.lead, 2), fixed(row.margin, 2),
      row.twin_delta_v === null && row.own_delta_v === null ? "–" : [fixed(row.own_delta_v, 1), h("small", {}, `${fixed(row.twin_delta_v, 1)} without`)]]), "cases"));
};
