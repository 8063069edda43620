// The clock of a replay: play, pause, step, speed, scrub.

const SPEEDS = [0.25, 0.5, 1, 2, 4];

class Transport {
  constructor(model, onTime) {
    Object.assign(this, { model, onTime, time: 0, speed: 1, playing: false });
    this.play = h("button", { type: "button", class: "play", "aria-label": "play", title: "space" }, "▶");
    this.play.addEventListener("click", () => this.toggle());
    this.scrub = h("input", { type: "range", min: 0, max: model.end, step: "any", value: 0, "aria-label": "time" });
    this.scrub.addEventListener("input", () => { this.stop(); this.go(Number(this.scrub.value)); });
    this.clock = h("output", { class: "clock" });
    this.rate = h("select", { "aria-label": "speed" },
      SPEEDS.map((speed) => h("option", { value: speed, selected: speed === 1 }, `${speed}×`)));
    this.rate.addEventListener("change", () => { this.speed = Number(this.rate.value); });
    const step = (sign) => h("button", { type: "button", "aria-label": sign < 0 ? "one tick back" : "one tick on", title: sign < 0 ? "←" : "→", onclick: () => this.step(sign) }, sign < 0 ? "‹" : "›");
    this.bar = h("div", { class: "transport" }, step(-1), this.play, step(1), this.scrub, this.clock, this.rate);
  }

  go(time) {
    this.time = clamp(time, 0, this.model.end);
    this.scrub.value = this.time;
    const tick = this.model.tick(this.time);
    this.clock.textContent = `${fixed(this.time, 2)} s  tick ${tick}`;
    this.onTime(this.time);
  }

  step(ticks) {
    this.stop();
    this.go((this.model.tick(this.time) + ticks) * this.model.e.dt);
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  start() {
    if (this.time >= this.model.end) this.time = 0;
    this.playing = true;
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "pause");
    let before = performance.now();
    const frame = (now) => {
      if (!this.playing) return;
      this.go(this.time + this.speed * (now - before) / 1000);
      before = now;
      if (this.time >= this.model.end) this.stop();
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  stop() {
    this.playing = false;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "play");
  }

  key(event) {
    const big = event.shiftKey ? 10 : 1;
    if (event.key === " ") this.toggle();
    else if (event.key === "ArrowRight") this.step(big);
    else if (event.key === "ArrowLeft") this.step(-big);
    else if (event.key === "Home") this.go(0);
    else if (event.key === "End") this.go(this.model.end);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.faster(event.key === "ArrowUp" ? 1 : -1);
    else return false;
    return true;
  }

  faster(by) {
    const at = clamp(SPEEDS.indexOf(this.speed) + by, 0, SPEEDS.length - 1);
    this.speed = SPEEDS[at];
    this.rate.value = String(this.speed);
  }
}
