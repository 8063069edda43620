// Numbers and words as people read them.

function fixed(value, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

function short(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function percent(value) {
  return value === null || value === undefined ? "–" : `${fixed(100 * value, 0)} %`;
}

function words(name) {
  return String(name).replaceAll("_", " ");
}

// An id that may be broken into lines after a comma or a slash.
function named(text) {
  return text.split(/(?<=[,/])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
}

// One word of a shell.
function quoted(text) {
  return "'" + text.replaceAll("'", `'"'"'`) + "'";
}

// "3 episodes", "1 episode".
function count(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

const MARKS = { contact: "✕", failed: "!", off_road: "⌁", timeout: "◷", goal: "✓", ended: "■" };

// An outcome by mark and word: colour is never the only code.
function outcome(name) {
  return h("span", { class: `outcome ${name}` },
    h("span", { class: "mark", "aria-hidden": "true" }, MARKS[name] || "·"), words(name));
}
