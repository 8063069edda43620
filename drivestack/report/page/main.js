// Which page is shown: the part of the address after #. "#ep=17&t=12.3" is a moment of a replay.

function address() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("ep=")) return ["episode", new URLSearchParams(hash)];
  const [name, query] = hash.split("?");
  return [pages[name] ? name : report.tabs[0].name, new URLSearchParams(query || "")];
}

async function turn() {
  const [name, query] = address(), root = document.getElementById("page");
  if (current) { current(); current = null; }
  root.replaceChildren();
  root.className = name;
  for (const tab of document.querySelectorAll("#tabs a")) {
    if (tab.dataset.page === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  try {
    await pages[name](root, report.pages[name], query);
  } catch (error) {
    root.append(h("p", { class: "notice" }, error.message));
    if (!(error instanceof Told)) throw error;
  } finally {
    root.dataset.ready = name;
  }
  scrollTo({ top: 0 });
}

document.getElementById("tabs").append(...report.tabs.map(({ name, title }) => h("a", { href: `#${name}`, "data-page": name }, title)));
addEventListener("hashchange", turn);
turn();
