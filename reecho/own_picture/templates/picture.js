// Pictures in plain JavaScript, as `reecho apply` has them in Python: the face's frame, noise, PSNR, colours put back on a picture.

const LUMA = [0.299, 0.587, 0.114]; // BT.601

const kernels = { // of Pillow's resampling: how far each reaches, and its weight there
  lanczos: {reach: 3, weight: at => at === 0 ? 1 : Math.abs(at) < 3 ? 3 * Math.sin(Math.PI * at) * Math.sin(Math.PI * at / 3) / (Math.PI * at) ** 2 : 0},
  bicubic: {reach: 2, weight(at) {
    const far = Math.abs(at), a = -0.5;
    if (far < 1) return ((a + 2) * far - (a + 3)) * far * far + 1;
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * a : 0;
  }},
};

// What each of `count` output pixels from number `first` on is made of: the first input pixel, and the weights from there on.
// `start` and `length` say which part of `pixels` input pixels becomes `size` output pixels.
function weigh(kernel, pixels, start, length, size, first, count) {
  const scale = length / size, stretch = Math.max(scale, 1), reach = kernel.reach * stretch, taps = [];
  for (let n = first; n < first + count; n++) {
    const centre = start + (n + 0.5) * scale;
    const low = Math.max(Math.trunc(centre - reach + 0.5), 0), high = Math.min(Math.trunc(centre + reach + 0.5), pixels);
    const weights = [];
    for (let at = low; at < high; at++) weights.push(kernel.weight((at - centre + 0.5) / stretch));
    const sum = weights.reduce((a, b) => a + b, 0);
    taps.push({low, weights: weights.map(weight => weight / sum)});
  }
  return taps;
}

function areas(pixels, size) { // weights that average by the share of each pixel that an output pixel covers
  return Array.from({length: size}, (_, n) => {
    const from = n * pixels / size, to = (n + 1) * pixels / size, low = Math.floor(from), high = Math.min(Math.ceil(to - 1e-9), pixels);
    const weights = [];
    for (let at = low; at < high; at++) weights.push((Math.min(to, at + 1) - Math.max(from, at)) * size / pixels);
    return {low, weights};
  });
}

// Both directions, columns first as Pillow does; `keep` is what becomes of a number before it is stored.
function resample(source, columns, rows, channels, across, down, keep) {
  const wide = across.length, between = new Float32Array(rows * wide * channels), out = new Float32Array(down.length * wide * channels);
  for (let y = 0, to = 0; y < rows; y++) {
    for (const {low, weights} of across) {
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let k = 0, at = (y * columns + low) * channels + c; k < weights.length; k++, at += channels) sum += source[at] * weights[k];
        between[to] = keep(sum);
      }
    }
  }
  const row = wide * channels, sums = new Float64Array(row);
  down.forEach(({low, weights}, y) => {
    sums.fill(0);
    for (let k = 0; k < weights.length; k++) {
      for (let n = 0, at = (low + k) * row; n < row; n++, at++) sums[n] += between[at] * weights[k];
    }
    for (let n = 0; n < row; n++) out[y * row + n] = keep(sums[n]);
  });
  return out;
}

const toByte = value => Math.min(Math.max(Math.floor(value + 0.5), 0), 255);

// The face in the frame: a square to `width` pixels, `crop` off each side, averaged to `size`; Float32Array in [0, 1].
// `part` holds RGBA bytes of the picture around the frame: {data, left, top, columns, rows}, and `picture` {columns, rows} the whole.
function frameOf(part, picture, square, width, crop, size) {
  const inner = width - 2 * crop, rgb = new Float32Array(part.columns * part.rows * 3);
  for (let n = 0; n < part.columns * part.rows; n++) for (let c = 0; c < 3; c++) rgb[3 * n + c] = part.data[4 * n + c];
  const along = (pixels, start, offset, held) => weigh(kernels.lanczos, pixels, start, square.side, width, crop, inner).map(
    ({low, weights}) => { // numbers of the part's pixels; what reaches beyond it is rounding at the edge
      const skipped = Math.max(offset - low, 0);
      return {low: low + skipped - offset, weights: weights.slice(skipped, skipped + held - (low + skipped - offset))};
    });
  const across = along(picture.columns, square.left, part.left, part.columns), down = along(picture.rows, square.top, part.top, part.rows);
  const large = resample(rgb, part.columns, part.rows, 3, across, down, toByte);
  const shares = areas(inner, size), face = resample(large, inner, inner, 3, shares, shares, value => value);
  return face.map(value => Math.min(Math.max(value / 255, 0), 1));
}

function lumaOf(pixels, at) {
  return LUMA[0] * pixels[at] + LUMA[1] * pixels[at + 1] + LUMA[2] * pixels[at + 2];
}

function greyOf(face) { // brightness as three equal channels
  const grey = new Float32Array(face.length);
  for (let n = 0; n < face.length; n += 3) grey.fill(lumaOf(face, n), n, n + 3);
  return grey;
}

function noiseLike(face, seed) { // standard normal, the same for the same seed: mulberry32, Box and Muller
  let state = Math.imul(seed + 1, 0x9E3779B1);
  const uniform = () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = (mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed)) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
  };
  return face.map(() => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

// {data, shape} of a picture as Float32Array, its right and lower side mirrored on until both are multiples.
function reflected(picture, columns, rows, multiple) {
  const shape = [rows, columns].map(length => Math.ceil(length / multiple) * multiple), data = new Float32Array(shape[0] * shape[1] * 3);
  const inside = (at, length) => { // 0 1 2 3 2 1 0 1 …
    const turn = Math.max(2 * length - 2, 1), along = at % turn;
    return Math.min(along, turn - along, length - 1);
  };
  for (let y = 0, to = 0; y < shape[0]; y++) {
    const row = inside(y, rows) * columns;
    for (let x = 0; x < shape[1]; x++) {
      for (let c = 0, from = 3 * (row + inside(x, columns)); c < 3; c++) data[to++] = picture[from + c];
    }
  }
  return {data, shape: [...shape, 3]};
}

function bytesFrom(picture) { // RGBA bytes of floats in [0, 1]; what lies outside is clipped, as a screen does
  const bytes = new Uint8ClampedArray(picture.length / 3 * 4).fill(255);
  for (let n = 0, to = 0; n < picture.length; n += 3, to += 4) for (let c = 0; c < 3; c++) bytes[to + c] = Math.floor(picture[n + c] * 255 + 0.5);
  return bytes;
}

function psnrOf(output, target) { // dB, of what a screen shows; 100 at most
  let sum = 0;
  for (let n = 0; n < output.length; n++) sum += (Math.min(Math.max(output[n], 0), 1) - target[n]) ** 2;
  return -10 * Math.log10(Math.max(sum / output.length, 1e-10));
}

// How the chroma of a small face grows with its luma around each pixel, and on what: blue, red, slope of blue, slope of red, luma.
// The slope is that of a guided filter's line (He, Sun & Tang 2010, equations 5 and 8) over 3 × 3 pixels, those at the edge repeated.
function layersOf(output, seen, size, flat) {
  const count = size * size, tone = Float32Array.from({length: count}, (_, n) => lumaOf(seen, 3 * n)), layers = new Float32Array(5 * count);
  const mean = values => values.map((_, n) => {
    const y = Math.floor(n / size), x = n % size, inside = at => Math.min(Math.max(at, 0), size - 1);
    let sum = 0;
    for (let i = -1; i < 2; i++) for (let j = -1; j < 2; j++) sum += values[inside(y + i) * size + inside(x + j)];
    return sum / 9;
  });
  const average = mean(tone), square = mean(tone.map(value => value * value));
  [[2, 1.772], [0, 1.402]].forEach(([channel, scale], c) => {
    const chroma = tone.map((_, n) => (output[3 * n + channel] - lumaOf(output, 3 * n)) / scale);
    const both = mean(tone.map((value, n) => value * chroma[n])), alone = mean(chroma);
    const slope = mean(both.map((value, n) => (value - average[n] * alone[n]) / (square[n] - average[n] ** 2 + flat)));
    for (let n = 0; n < count; n++) [layers[5 * n + c], layers[5 * n + 2 + c]] = [chroma[n], slope[n]];
  });
  for (let n = 0; n < count; n++) layers[5 * n + 4] = tone[n];
  return layers;
}

// RGBA bytes of a picture's own brightness with the colours of a small output, as `reecho.apply` lays them: along the edges of the
// picture's luma in the frame, fading beyond it. `frame`: {left, top, side, square} in whole pixels, `square` with what is cut off.
// The last argument holds the numbers of `reecho.apply.laying`: `fading` is a share of the square.
function inColour(pixels, columns, rows, frame, output, seen, size, {flat, share: part, fading}) {
  const {left, top, side} = frame, data = new Uint8ClampedArray(pixels.length);
  const weights = weigh(kernels.bicubic, size, 0, size, side, 0, side);
  const large = resample(layersOf(output, seen, size, flat), size, size, 5, weights, weights, value => value);
  const within = (at, first) => Math.min(at - first, first + side - 1 - at) + 0.5, beyond = (at, first) => Math.max(first - at, at - first - side + 1, 0);
  const inside = (at, first) => Math.min(Math.max(at - first, 0), side - 1);
  for (let y = 0, n = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, n++) {
      const grey = Math.min(lumaOf(pixels, 4 * n) / 255, 1), from = 5 * (inside(y, top) * side + inside(x, left));
      const detail = part * Math.min(Math.max(Math.min(within(y, top), within(x, left)) * size / side, 0), 1) * (grey - large[from + 4]);
      const fade = Math.min(Math.max(1 - Math.hypot(beyond(y, top), beyond(x, left)) / (fading * frame.square), 0), 1);
      const blue = fade * (large[from] + detail * large[from + 2]) * 1.772, red = fade * (large[from + 1] + detail * large[from + 3]) * 1.402;
      const green = -(blue * LUMA[2] + red * LUMA[0]) / LUMA[1];
      let share = 1;
      for (const step of [red, green, blue]) share = Math.min(share, (step > 0 ? 1 - grey : grey) / Math.max(Math.abs(step), 1e-9));
      data[4 * n] = toByte(255 * (grey + share * red));
      data[4 * n + 1] = toByte(255 * (grey + share * green));
      data[4 * n + 2] = toByte(255 * (grey + share * blue));
      data[4 * n + 3] = 255;
    }
  }
  return data;
}

function greyBytes(pixels) { // RGBA bytes of the brightness alone
  const data = new Uint8ClampedArray(pixels.length);
  for (let n = 0; n < pixels.length; n += 4) data.fill(toByte(lumaOf(pixels, n)), n, n + 3).fill(255, n + 3, n + 4);
  return data;
}
