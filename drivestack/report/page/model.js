// An unpacked episode, asked by time.

class Model {
  constructor(episode, map) {
    Object.assign(this, { e: episode, map });
    this.n = episode.ticks;
    this.agents = episode.ids.length;
    this.frames = episode.frames.length;
    this.end = Math.max(this.n - 1, 0) * episode.dt;
    this.plans = episode.plan_tick.length;
    this.points = this.plans ? episode.plan_x.length / this.plans : 0;
    this.predicted = this.plans ? episode.predicted_x.length / this.plans : 0;
    this.spans = spans(episode.candidate_tick);
    this.routes = spans(episode.route_tick);
    const jerk = new Float64Array(this.n);
    for (let i = 1; i < this.n; i++) jerk[i] = (episode.accel[i] - episode.accel[i - 1]) / episode.dt;
    this.jerk = jerk;
  }

  tick(time) {
    return clamp(Math.round(time / this.e.dt), 0, Math.max(this.n - 1, 0));
  }

  // x, y, yaw, v of the ego between two ticks.
  ego(time) {
    const e = this.e, at = clamp(time / e.dt, 0, Math.max(this.n - 1, 0));
    const i = Math.floor(at), j = Math.min(i + 1, this.n - 1), f = at - i;
    const between = (a) => a[i] + f * (a[j] - a[i]);
    return {
      x: e.xy[i] + f * (e.xy[j] - e.xy[i]),
      y: e.xy[this.n + i] + f * (e.xy[this.n + j] - e.xy[this.n + i]),
      yaw: turned(e.yaw[i], e.yaw[j], f),
      v: between(e.v),
    };
  }

  // All others that are there, between two frames.
  others(time) {
    const e = this.e, tick = time / e.dt, F = this.frames, found = [];
    if (!F || !this.agents) return found;
    const i = last(e.frames, tick), j = Math.min(i + 1, F - 1);
    const gap = e.frames[j] - e.frames[i], f = gap ? clamp((tick - e.frames[i]) / gap, 0, 1) : 0;
    const [a, b] = [this.place(e.frames[i]), this.place(e.frames[j])];
    for (let k = 0; k < this.agents; k++) {
      const p = k * F + i, q = e.present[k * F + j] ? k * F + j : p, g = q === p ? 0 : f;
      if (!e.present[p]) continue;
      const to = q === p ? a : b;
      found.push({
        k, id: e.ids[k], kind: e.kinds[k], clipped: e.present[p] === 2,
        length: e.sizes[k][0], width: e.sizes[k][1],
        x: (1 - g) * (a[0] + e.agent_x[p]) + g * (to[0] + e.agent_x[q]),
        y: (1 - g) * (a[1] + e.agent_y[p]) + g * (to[1] + e.agent_y[q]),
        yaw: turned(e.agent_yaw[p], e.agent_yaw[q], g),
        v: (1 - g) * e.agent_v[p] + g * e.agent_v[q],
      });
    }
    return found;
  }

  place(tick) {
    const i = clamp(tick - this.e.first, 0, this.n - 1);
    return [this.e.xy[i], this.e.xy[this.n + i]];
  }

  // The number of the plan in force; −1 before the first.
  plan(time) {
    return this.plans ? last(this.e.plan_tick, time / this.e.dt + 1e-6, -1) : -1;
  }

  // Candidates of a plan, absolute.
  candidates(plan) {
    if (plan < 0) return [];
    const e = this.e, tick = e.plan_tick[plan], span = this.spans.get(tick), [x, y] = this.place(tick);
    if (!span) return [];
    const S = e.candidate_x.length / e.candidate.length, R = e.candidate.length, found = [];
    for (let r = span[0]; r < span[1]; r++) {
      const line = [];
      for (let s = 0; s < S; s++) line.push([x + e.candidate_x[r * S + s], y + e.candidate_y[r * S + s]]);
      found.push({
        number: e.candidate[r], valid: !!e.valid[r], chosen: !!e.chosen[r], total: e.total[r],
        terms: e.terms_names.map((name, m) => [name, e.terms[m * R + r]]), line: [[x, y], ...line],
      });
    }
    return found;
  }

  // The plan in force, and what the controller expects.
  line(plan, which) {
    if (plan < 0) return [];
    const e = this.e, n = which === "plan" ? this.points : this.predicted, found = [];
    const [x, y] = this.place(e.plan_tick[plan]);
    for (let s = 0; s < n; s++) {
      found.push([x + e[`${which}_x`][plan * n + s], y + e[`${which}_y`][plan * n + s]]);
    }
    return found;
  }

  route(time) {
    let span = null;
    for (const [tick, found] of this.routes) if (tick * this.e.dt <= time + 1e-6 || !span) span = found;
    if (!span) return [];
    const n = this.e.route_tick.length, found = [];
    for (let i = span[0]; i < span[1]; i++) found.push([this.e.route[i], this.e.route[n + i]]);
    return found;
  }

  // Stop lines and the colours that their lights show.
  stopLines(time) {
    const tick = this.e.first + this.tick(time);
    return this.e.stop_lines.map(({ light, ends, shown }) => {
      const since = shown.filter(([from]) => from <= tick);
      return { light, ends, colour: since.length ? since[since.length - 1][1] : "inactive" };
    });
  }

  // What the safety layer did at a tick, in a sentence; empty if nothing.
  reason(tick) {
    const e = this.e, kind = e.filtering[tick];
    if (!kind || !e.decided[tick]) return "";
    const about = e.check_object[tick] >= 0 ? `, about road user ${e.check_object[tick]}` : "";
    const check = e.checks[e.check[tick]];
    const limits = check ? ` ${words(check)} measured ${short(e.check_value[tick])}, limit ${short(e.check_limit[tick])}${about}` : "";
    return `${words(FILTERING[kind])}:${limits || " no check named"}`;
  }
}

const FILTERING = ["passed", "clamped", "emergency_brake", "minimal_risk"];

// First and one past the last place of every value of an ascending array.
function spans(values) {
  const found = new Map();
  for (let i = 0; i < values.length; i++) {
    const span = found.get(values[i]);
    if (span) span[1] = i + 1;
    else found.set(values[i], [i, i + 1]);
  }
  return found;
}

// The last place whose value is not above; `none` where all are.
function last(values, limit, none = 0) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low ? low - 1 : none;
}

// Between two angles the short way.
function turned(a, b, f) {
  let apart = (b - a) % (2 * Math.PI);
  if (apart > Math.PI) apart -= 2 * Math.PI;
  if (apart < -Math.PI) apart += 2 * Math.PI;
  return a + f * apart;
}
