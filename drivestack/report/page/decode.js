// Blocks of the page back to arrays; the other side is encoding.py.

const WIDTH = { u1: 1, i1: 1, i2: 2, i4: 4, f4: 4 };

// What a reader should be told, and no fault of the page.
class Told extends Error {}

async function unpack(name) {
  const node = document.getElementById(name);
  if (!node) return null;
  if (typeof DecompressionStream === "undefined") {
    throw new Told("This browser is too old to unpack the replay: it has no DecompressionStream "
      + "(Chrome and Edge 80, Firefox 113, Safari 16.4 have it). The other pages work.");
  }
  const text = atob(node.textContent.trim());
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = new DataView(raw.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + size)));
  const found = {};
  for (const [key, layout] of Object.entries(header.arrays)) {
    found[key] = restored(raw.subarray(4 + size + layout.at), layout);
  }
  return { ...header, ...found };
}

// One array as numbers in its unit; planes of bytes, then differences along the last axis.
function restored(bytes, layout) {
  const length = layout.shape.reduce((a, b) => a * b, 1), width = WIDTH[layout.type];
  const joined = new DataView(new ArrayBuffer(length * width));
  for (let plane = 0; plane < width; plane++) {
    for (let i = 0; i < length; i++) joined.setUint8(i * width + plane, bytes[plane * length + i]);
  }
  const values = new Float64Array(length);
  if (layout.type === "f4") {
    for (let i = 0; i < length; i++) values[i] = joined.getFloat32(4 * i, true);
    return values;
  }
  const whole = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    whole[i] = layout.type === "u1" ? joined.getUint8(i)
      : width === 1 ? joined.getInt8(i)
        : width === 2 ? joined.getInt16(2 * i, true) : joined.getInt32(4 * i, true);
  }
  const row = layout.shape[layout.shape.length - 1];
  for (let order = 0; order < layout.order; order++) {
    for (let i = 0; i < length; i++) {
      if (i % row === 0) continue;
      const sum = (whole[i] + whole[i - 1]) | 0;
      whole[i] = width === 2 ? (sum << 16) >> 16 : width === 1 ? (sum << 24) >> 24 : sum;
    }
  }
  for (let i = 0; i < length; i++) values[i] = whole[i] * layout.step;
  return values;
}
