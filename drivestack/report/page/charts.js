// Histograms as SVG; every bin is a button.

const HIGH = 150, MARGIN = { left: 34, right: 8, top: 18, bottom: 32 };

// bars: [{ from, to, count, label, onclick }], marks: [[value, text]], x from value to pixel by share.
function histogram({ bars, ticks, unit, marks = [], title, wide: WIDE = 320 }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const inner = WIDE - MARGIN.left - MARGIN.right, tall = HIGH - MARGIN.top - MARGIN.bottom;
  const x = (share) => MARGIN.left + share * inner, y = (number) => MARGIN.top + tall * (1 - number / most);
  const node = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "histogram", role: "img", "aria-label": title });
  node.append(svg("line", { x1: MARGIN.left, x2: WIDE - MARGIN.right, y1: y(0), y2: y(0), class: "axis" }));
  for (const number of [most, Math.round(most / 2)].filter((n, i) => n > 0 && (i === 0 || n !== most))) {
    node.append(
      svg("line", { x1: MARGIN.left, x2: WIDE - MARGIN.right, y1: y(number), y2: y(number), class: "grid" }),
      svg("text", { x: MARGIN.left - 5, y: y(number) + 3.5, "text-anchor": "end" }, String(number)));
  }
  bars.forEach((bar) => {
    if (!bar.count) return;
    const wide = Math.max(x(bar.to) - x(bar.from) - 1, 1);
    const act = bar.onclick && { onclick: bar.onclick, onkeydown: (event) => { if (event.key === "Enter") bar.onclick(); }, tabindex: 0, role: "button", "aria-label": bar.label };
    node.append(svg("rect", { x: x(bar.from), y: y(bar.count), width: wide, height: y(0) - y(bar.count), class: "bin", ...(act || {}) }, svg("title", {}, bar.label)));
  });
  for (const [share, text] of ticks) {
    node.append(svg("text", { x: x(share), y: HIGH - 19, "text-anchor": share > 0.97 ? "end" : "middle" }, text));
  }
  if (unit) node.append(svg("text", { x: x(0.5), y: HIGH - 5, "text-anchor": "middle" }, unit));
  for (const [share, text] of marks) {
    const left = share > 0.82;
    node.append(svg("line", { x1: x(share), x2: x(share), y1: 3, y2: y(0), class: "deadline" }),
      svg("text", { x: x(share) + (left ? -4 : 4), y: 11, "text-anchor": left ? "end" : "start", class: "deadline-text" }, text));
  }
  return node;
}
