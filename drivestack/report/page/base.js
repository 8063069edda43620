// What all scripts share: the data, building elements, talking to each other.

const report = JSON.parse(document.getElementById("data").textContent);
const pages = {};
let current = null; // stops what runs when the page is left

// An element; text is always text, never markup.
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

// The same in SVG.
function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity));
  return node;
}

// A table; heads are pairs of a title and a class, rows are lists of cells, the first a head.
function table(heads, rows, kind = "") {
  return h("div", { class: "scroll" }, h("table", { class: kind },
    h("thead", {}, h("tr", {}, heads.map(([title, mark]) => h("th", { scope: "col", class: mark }, title)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => h(i ? "td" : "th", { class: heads[i][1], scope: i ? null : "row" }, cell)))))));
}

// A colour of the style sheet, which knows about dark mode.
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Copies text; browsers that refuse the clipboard to files still know the old way.
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "offscreen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = "copied";
  setTimeout(() => { button.textContent = before; }, 1200);
}

// A button that copies a command, and the command itself.
function command(text) {
  const button = h("button", { type: "button", class: "small" }, "copy");
  button.addEventListener("click", () => copy(text, button));
  return h("div", { class: "command" }, h("code", {}, text), button);
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
