// Where on the road the picture looks: metres to pixels. y goes up, so left is left.

class Camera {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.scale = 6; // pixels a metre
    this.follow = true;
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  at(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  back(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale];
  }

  // The ego stands a little behind the middle of the picture: what matters is ahead.
  track(x, y, yaw) {
    if (!this.follow) return;
    const ahead = 0.16 * Math.min(this.width, 2 * this.height) / this.scale;
    this.x = x + ahead * Math.cos(yaw);
    this.y = y + ahead * Math.sin(yaw);
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.back(px, py);
    this.scale = clamp(this.scale * factor, 0.3, 60);
    if (this.follow) return;
    const [nx, ny] = this.back(px, py);
    this.x += x - nx;
    this.y += y - ny;
  }

  pan(dx, dy) {
    this.follow = false;
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }

  // Everything in sight: a box in metres.
  fit(left, bottom, right, top) {
    this.follow = false;
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
    const wide = this.width / Math.max(right - left, 1), high = this.height / Math.max(top - bottom, 1);
    this.scale = clamp(0.92 * Math.min(wide, high), 0.3, 60);
  }
}
