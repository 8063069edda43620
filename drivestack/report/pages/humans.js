// What a safety layer would have done to recorded human drivers.

pages.humans = (root, data) => {
  const { near_miss: near, per_minutes: per } = data, layers = Object.entries(data.layers), [, whole] = layers[0];
  root.append(h("header", { class: "head" }, h("h1", {}, "The layer in the shadow of human drivers"),
    h("p", { class: "muted" }, `${count(whole.drives, "recorded drive")}, ${fixed(whole.minutes, 0)} minutes; nothing was applied, so there are no twins`)));
  root.append(h("p", {}, `Clean driving has neither a contact nor a near miss (time to collision below ${near.ttc} s, gap below ${near.gap} m) within ${near.after} s from then on.`));
  const mean = (found) => found.value === null ? "–" : [fixed(found.value, 2), found.low === null ? null : h("small", {}, `${fixed(found.low, 2)} to ${fixed(found.high, 2)}`)];
  root.append(h("h2", {}, `Interventions each ${per} minutes`), table(
    [["layer", ""], ["minutes", "n"], ["clean", "n"], ["interventions", "n"], ["in clean driving", "n"], ["rate", "n"], ["rate, clean", "n"]],
    layers.map(([name, one]) => [words(name), fixed(one.minutes, 1), fixed(one.clean_minutes, 1), String(one.spells), String(one.clean_spells), mean(one.any_rate), mean(one.rate)]), "scores"));
  root.append(h("h2", {}, "Two labels"), h("p", { class: "muted" }, "Divergence: no plausible future of the car was clear of all of the other's. Human: braked hard within 3 s, or nearly hit. Where they disagree it is worth a look."), table(
    [["layer", ""], ["both", "n"], ["divergence only", "n"], ["human only", "n"], ["neither", "n"], ["about nobody", "n"]],
    layers.map(([name, { agreement: of }]) => [words(name), ...[of.both, of.divergence_only, of.human_only, of.neither, of.unlabelled].map(String)]), "scores"));
  root.append(h("h2", {}, "Hardest to excuse ", h("span", { class: "muted" }, "the longest in clean driving")));
  root.append(whole.worst.length ? table([["scenario", ""], ["at s", "n"], ["for s", "n"], ["check", ""], ["why", ""], ["futures separate", ""], ["human braked m/s²", "n"]],
    whole.worst.map((one) => [h("span", { class: "name" }, named(one.scenario)), fixed(one.time, 2), fixed(one.seconds, 2), words(one.check), one.sentence, one.separate || "–", fixed(one.braked, 1)]), "cases")
    : h("p", { class: "muted" }, "✓ None."));
};
