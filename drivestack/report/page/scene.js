// Draws one moment on the canvas.

const LAYERS = {
  candidates: "candidates", plan: "plan", prediction: "MPC prediction", route: "route", labels: "labels",
};

// Colours of the moment, read once a frame.
function palette() {
  const names = ["road", "road-line", "lane-line", "middle-line", "ego", "agent", "agent-edge", "ink",
    "muted", "accent", "low", "warn", "bad", "route", "prediction", "canvas", "red", "red-yellow", "yellow", "green", "inactive"];
  return Object.fromEntries(names.map((name) => [name.replace("-", "_"), colour(name)]));
}

class Scene {
  constructor(canvas, model) {
    this.canvas = canvas;
    this.model = model;
    this.camera = new Camera();
    this.context = canvas.getContext("2d");
    this.shown = Object.fromEntries(Object.keys(LAYERS).map((name) => [name, true]));
    this.hovered = null;
    this.ghost = null; // an episode beside this one, whose ego is shown too
    this.colours = palette();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(Math.round(box.width * ratio), 1);
    this.canvas.height = Math.max(Math.round(box.height * ratio), 1);
    this.ratio = ratio;
    this.camera.resize(box.width, box.height);
  }

  draw(time) {
    const c = this.context, model = this.model;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.fillStyle = this.colours.canvas;
    c.fillRect(0, 0, this.camera.width, this.camera.height);
    if (!model.n) return;
    const ego = model.ego(time), plan = model.plan(time);
    this.camera.track(ego.x, ego.y, ego.yaw);
    if (model.map) this.lanes();
    if (this.shown.route) this.route(model.route(time));
    const candidates = this.shown.candidates ? model.candidates(plan) : [];
    this.lines = candidates;
    for (const line of drawnOrder(candidates)) this.candidate(line, candidates);
    if (this.shown.plan) this.path(model.line(plan, "plan"), this.colours.accent, 3);
    if (this.shown.prediction) this.prediction(model.line(plan, "predicted"));
    for (const { ends, colour } of model.stopLines(time)) this.path(ends, this.colours[colour], 5);
    for (const other of model.others(time)) this.other(other);
    if (this.ghost) this.shade(this.ghost.ego(time), this.ghost.e.size);
    this.own(ego, time);
    this.scaleBar();
  }

  path(points, colour, width, dash = []) {
    if (points.length < 2) return;
    const c = this.context;
    c.beginPath();
    points.forEach(([x, y], i) => {
      const [px, py] = this.camera.at(x, y);
      if (i) c.lineTo(px, py);
      else c.moveTo(px, py);
    });
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.setLineDash(dash);
    c.lineJoin = "round";
    c.stroke();
    c.setLineDash([]);
  }

  lanes() {
    const map = this.model.map, n = map.lines.length / 6;
    const line = (row, from, to) => {
      const found = [];
      for (let i = from; i < to; i++) found.push([map.lines[row * n + i], map.lines[(row + 1) * n + i]]);
      return found;
    };
    const spans = map.starts.map((from, i) => [from, map.starts[i + 1] ?? n]);
    const c = this.context;
    c.fillStyle = this.colours.road;
    for (const [from, to] of spans) {
      c.beginPath();
      [...line(2, from, to), ...line(4, from, to).reverse()].forEach(([x, y], i) => {
        const [px, py] = this.camera.at(x, y);
        if (i) c.lineTo(px, py);
        else c.moveTo(px, py);
      });
      c.closePath();
      c.fill();
    }
    const dash = [3 * this.camera.scale, 4.5 * this.camera.scale];
    spans.forEach(([from, to], lane) => {
      for (const [row, beside] of [[2, map.left_beside[lane]], [4, map.right_beside[lane]]]) {
        this.path(line(row, from, to), beside ? this.colours.lane_line : this.colours.road_line, 1, beside ? dash : []);
      }
    });
  }

  route(points) {
    const width = Math.max(1.2 * this.camera.scale, 3);
    this.context.lineCap = "butt";
    this.path(points, this.colours.route, width);
  }

  candidate(line, all) {
    const [low, high] = range(all);
    const share = high > low ? clamp((line.total - low) / (high - low), 0, 1) : 1;
    const hovered = this.hovered === line.number;
    if (!line.valid) {
      this.path(line.line, this.colours.muted, hovered ? 3 : 1, [4, 4]);
      return;
    }
    const c = this.context;
    c.globalAlpha = hovered || line.chosen ? 1 : 0.35 + 0.5 * share;
    this.path(line.line, mixed(this.colours.low, this.colours.accent, share), hovered || line.chosen ? 3.5 : 1.4);
    c.globalAlpha = 1;
    const [px, py] = this.camera.at(...line.line[line.line.length - 1]);
    this.dot(px, py, line.chosen ? 4 : 1.8, mixed(this.colours.low, this.colours.accent, share));
  }

  prediction(points) {
    for (const [x, y] of points) {
      const [px, py] = this.camera.at(x, y);
      this.dot(px, py, 2.4, this.colours.prediction, this.colours.canvas);
    }
  }

  dot(px, py, radius, fill, edge = null) {
    const c = this.context;
    c.beginPath();
    c.arc(px, py, radius, 0, 2 * Math.PI);
    c.fillStyle = fill;
    c.fill();
    if (!edge) return;
    c.strokeStyle = edge;
    c.lineWidth = 1;
    c.stroke();
  }

  // A box with a nose, and a line as long as one second of driving.
  box(it, fill, edge) {
    const c = this.context, s = this.camera.scale, [px, py] = this.camera.at(it.x, it.y);
    const length = Math.max(it.length * s, 5), width = Math.max(it.width * s, 3);
    c.save();
    c.translate(px, py);
    c.rotate(-it.yaw);
    if (Math.abs(it.v) > 0.3) {
      c.beginPath();
      c.moveTo(length / 2, 0);
      c.lineTo(length / 2 + it.v * s, 0);
      c.strokeStyle = edge;
      c.globalAlpha = 0.55;
      c.lineWidth = 1.2;
      c.stroke();
      c.globalAlpha = 1;
    }
    c.beginPath();
    c.roundRect(-length / 2, -width / 2, length, width, Math.min(width, length) * 0.22);
    c.fillStyle = fill;
    c.fill();
    c.strokeStyle = edge;
    c.lineWidth = 1.2;
    c.stroke();
    c.beginPath();
    c.moveTo(length * 0.16, -width * 0.34);
    c.lineTo(length * 0.3, 0);
    c.lineTo(length * 0.16, width * 0.34);
    c.stroke();
    c.restore();
    return [px, py];
  }

  other(it) {
    if (it.clipped) return;
    const [px, py] = this.box(it, this.colours.agent, this.colours.agent_edge);
    if (!this.shown.labels || this.camera.scale < 3.2) return;
    this.text(`${it.id}`, px, py - Math.max(it.width * this.camera.scale, 8) * 0.5 - 5, this.colours.muted);
  }

  // Where the ego of the other run is: an outline only.
  shade(it, [length, width]) {
    const corner = (along, across) => [
      it.x + along * length / 2 * Math.cos(it.yaw) - across * width / 2 * Math.sin(it.yaw),
      it.y + along * length / 2 * Math.sin(it.yaw) + across * width / 2 * Math.cos(it.yaw),
    ];
    this.path([corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1), corner(-1, -1)], this.colours.ink, 1.4, [4, 3]);
  }

  own(ego, time) {
    const e = this.model.e, tick = this.model.tick(time);
    const it = { ...ego, length: e.size[0], width: e.size[1] };
    const acting = e.decided[tick] ? e.filtering[tick] : 0;
    const [px, py] = this.box(it, this.colours.ego, e.contact[tick] ? this.colours.bad : this.colours.ink);
    if (acting) {
      const c = this.context, r = Math.max(it.length * this.camera.scale * 0.75, 14);
      c.beginPath();
      c.arc(px, py, r, 0, 2 * Math.PI);
      c.setLineDash(acting === 1 ? [3, 3] : []);
      c.strokeStyle = this.colours.warn;
      c.lineWidth = 2;
      c.stroke();
      c.setLineDash([]);
      this.text(words(FILTERING[acting]), px, py - r - 6, this.colours.warn, "600 12px");
    }
    if (e.contact[tick]) {
      const c = this.context, r = 8;
      c.strokeStyle = this.colours.bad;
      c.lineWidth = 3;
      c.beginPath();
      c.moveTo(px - r, py - r);
      c.lineTo(px + r, py + r);
      c.moveTo(px - r, py + r);
      c.lineTo(px + r, py - r);
      c.stroke();
      this.text("contact", px, py + r + 16, this.colours.bad, "600 12px");
    }
  }

  text(words, px, py, fill, font = "11px") {
    const c = this.context;
    c.font = `${font} system-ui, sans-serif`;
    c.textAlign = "center";
    c.lineWidth = 3;
    c.strokeStyle = this.colours.canvas;
    c.strokeText(words, px, py);
    c.fillStyle = fill;
    c.fillText(words, px, py);
  }

  scaleBar() {
    const c = this.context, metres = [1, 2, 5, 10, 20, 50, 100, 200].find((m) => m * this.camera.scale > 60) || 500;
    const width = metres * this.camera.scale, y = this.camera.height - 14;
    c.strokeStyle = c.fillStyle = this.colours.muted;
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(14, y - 4);
    c.lineTo(14, y);
    c.lineTo(14 + width, y);
    c.lineTo(14 + width, y - 4);
    c.stroke();
    c.font = "11px system-ui, sans-serif";
    c.textAlign = "left";
    c.fillText(`${metres} m`, 18, y - 5);
  }

  // The candidate nearest to a pixel, within reach of a hand.
  near(px, py) {
    let best = null, least = 9;
    for (const line of this.lines || []) {
      for (let i = 1; i < line.line.length; i++) {
        const off = apart(px, py, this.camera.at(...line.line[i - 1]), this.camera.at(...line.line[i]));
        if (off < least) [best, least] = [line, off];
      }
    }
    return best;
  }
}

function apart(px, py, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay], length2 = dx * dx + dy * dy;
  const t = length2 ? clamp(((px - ax) * dx + (py - ay) * dy) / length2, 0, 1) : 0;
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

// Invalid ones first, the best last, the chosen one on top.
function drawnOrder(lines) {
  return [...lines].sort((a, b) => a.chosen - b.chosen || a.valid - b.valid || a.total - b.total);
}

function range(lines) {
  const totals = lines.filter((line) => line.valid).map((line) => line.total);
  return [Math.min(...totals), Math.max(...totals)];
}

// Between two colours written as #rrggbb.
function mixed(a, b, share) {
  const part = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mix = [0, 1, 2].map((i) => Math.round(part(a, i) + share * (part(b, i) - part(a, i))));
  return `rgb(${mix.join(" ")})`;
}
