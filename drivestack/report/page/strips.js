// Signals over time, one strip each on one time axis; click or drag to go there.

const STRIP = 46, LEFT = 118, RIGHT = 10, AXIS = 20;

class Strips {
  constructor(canvas, model, deadline, onTime, end = model.end) {
    Object.assign(this, { canvas, model, onTime, end });
    this.context = canvas.getContext("2d");
    this.strips = signals(model, deadline);
    canvas.style.height = `${this.strips.length * STRIP + AXIS}px`;
    const go = (event) => {
      const x = event.clientX - canvas.getBoundingClientRect().left;
      onTime(clamp((x - LEFT) / (this.width - LEFT - RIGHT), 0, 1) * end);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (event.buttons) go(event); });
  }

  resize() {
    const box = this.canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(Math.round(box.width * ratio), 1);
    this.canvas.height = Math.max(Math.round(box.height * ratio), 1);
    [this.width, this.height, this.ratio] = [box.width, box.height, ratio];
    this.still = null;
  }

  x(time) {
    return LEFT + (this.end ? time / this.end : 0) * (this.width - LEFT - RIGHT);
  }

  draw(time) {
    const c = this.context;
    c.setTransform(1, 0, 0, 1, 0, 0);
    if (!this.still) {
      c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      c.clearRect(0, 0, this.width, this.height);
      this.strips.forEach((strip, i) => this.strip(strip, i * STRIP));
      this.axis();
      this.still = document.createElement("canvas");
      [this.still.width, this.still.height] = [this.canvas.width, this.canvas.height];
      this.still.getContext("2d").drawImage(this.canvas, 0, 0);
    } else {
      c.clearRect(0, 0, this.canvas.width, this.canvas.height);
      c.drawImage(this.still, 0, 0);
    }
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const x = this.x(time), tick = this.model.tick(time);
    c.strokeStyle = colour("accent");
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(x, 0);
    c.lineTo(x, this.strips.length * STRIP);
    c.stroke();
    c.font = "12px system-ui, sans-serif";
    c.textAlign = "right";
    c.fillStyle = colour("ink");
    this.strips.forEach((strip, i) => c.fillText(strip.now(tick), LEFT - 8, i * STRIP + 34));
  }

  strip(strip, top) {
    const c = this.context, high = top + 6, low = top + STRIP - 6;
    const y = (value) => low - clamp((value - strip.low) / (strip.high - strip.low), 0, 1) * (low - high);
    c.fillStyle = colour("muted");
    c.font = "11px system-ui, sans-serif";
    c.textAlign = "left";
    c.fillText(strip.title, 4, top + 16);
    c.strokeStyle = colour("rule");
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(LEFT, top + STRIP - 0.5);
    c.lineTo(this.width - RIGHT, top + STRIP - 0.5);
    c.stroke();
    for (const [value, label] of strip.marks) {
      c.setLineDash([2, 3]);
      c.strokeStyle = colour(label ? "warn" : "rule");
      c.beginPath();
      c.moveTo(LEFT, y(value));
      c.lineTo(this.width - RIGHT, y(value));
      c.stroke();
      c.setLineDash([]);
      if (label) {
        c.fillStyle = colour("warn");
        c.textAlign = "right";
        c.fillText(label, this.width - RIGHT, y(value) + (y(value) < top + 20 ? 11 : -3));
      }
    }
    if (strip.bands) this.bands(strip, top);
    else this.line(strip, y);
  }

  line(strip, y) {
    const c = this.context;
    c.strokeStyle = colour("ink");
    c.lineWidth = 1.2;
    c.beginPath();
    let down = false;
    strip.values.forEach((value, i) => {
      if (value === null) { down = false; return; }
      const x = this.x(strip.time(i));
      if (down) c.lineTo(x, y(value));
      else c.moveTo(x, y(value));
      down = true;
    });
    c.stroke();
  }

  // Interventions: height is the kind, so that it is read without colour.
  bands(strip, top) {
    const c = this.context, step = Math.max(this.x(this.model.e.dt) - this.x(0), 1.5);
    strip.values.forEach((kind, i) => {
      if (!kind) return;
      const height = (kind / 3) * (STRIP - 14);
      c.fillStyle = colour(kind === 1 ? "muted" : "warn");
      c.fillRect(this.x(i * this.model.e.dt), top + STRIP - 6 - height, step, height);
    });
    c.fillStyle = colour("bad");
    this.model.e.contact.forEach((touching, i) => {
      if (touching) c.fillRect(this.x(i * this.model.e.dt), top + 4, step, 4);
    });
  }

  axis() {
    const c = this.context, end = this.end, top = this.strips.length * STRIP;
    const step = [0.5, 1, 2, 5, 10, 20, 60].find((s) => end / s <= Math.max((this.width - LEFT) / 60, 2)) || 120;
    c.fillStyle = colour("muted");
    c.font = "11px system-ui, sans-serif";
    for (let time = 0; time <= end + 1e-9; time += step) {
      c.textAlign = time === 0 ? "left" : "center";
      c.fillText(time === 0 ? "0 s" : `${+time.toFixed(1)}`, this.x(time), top + 14);
    }
  }
}

function signals(model, deadline) {
  const e = model.e, per = (i) => i * e.dt;
  const strip = (title, values, unit, low, high, digits = 1, marks = []) => ({
    title: `${title} ${unit}`, values: Array.from(values), low, high, marks, time: per,
    now: (tick) => fixed(values[tick], digits),
  });
  const most = (values, least) => Math.max(least, ...Array.from(values, (v) => Math.abs(v ?? 0)));
  const speed = Math.ceil(most(e.v, 5) / 5) * 5, accel = Math.min(Math.ceil(most(e.accel, 3)), 12);
  const ttc = Array.from(e.ttc, (v) => (v > 10 ? null : v));
  const frame = (tick) => last(e.frames, tick + e.first);
  const ms = Array.from(e.seconds, (v, i) => (e.decided[i] ? 1000 * v : null));
  const long = Math.min(Math.max(most(ms, 0.1) * 1.25, 0.1), 4 * deadline);
  return [
    strip("speed", e.v, "m/s", 0, speed),
    strip("acceleration", e.accel, "m/s²", -accel, accel, 1, [[0, ""]]),
    strip("jerk", model.jerk, "m/s³", -20, 20, 1, [[0, ""]]),
    {
      title: "TTC s", values: ttc, low: 0, high: 10, time: (i) => e.frames[i] * e.dt, marks: [[1.5, "1.5 s"]],
      now: (tick) => (e.ttc.length ? (e.ttc[frame(tick)] > 10 ? "> 10" : fixed(e.ttc[frame(tick)], 1)) : "–"),
    },
    {
      title: "intervention", values: Array.from(e.filtering, (f, i) => (e.decided[i] ? f : 0)), bands: true, marks: [],
      now: (tick) => (e.decided[tick] && e.filtering[tick] ? ["", "clamp", "brake", "min. risk"][e.filtering[tick]] : "–"),
    },
    {
      title: "decision ms", values: ms, low: 0, high: long, time: per,
      marks: deadline < long ? [[deadline, `${fixed(deadline, 0)} ms`]] : [],
      now: (tick) => fixed(ms[tick], 2),
    },
  ];
}
