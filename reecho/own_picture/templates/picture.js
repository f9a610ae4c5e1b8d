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

function psnrOf(output, target) { // dB, of what a screen shows; 100 at most
  let sum = 0;
  for (let n = 0; n < output.length; n++) sum += (Math.min(Math.max(output[n], 0), 1) - target[n]) ** 2;
  return -10 * Math.log10(Math.max(sum / output.length, 1e-10));
}

// RGBA bytes of a square's own brightness with the colours of a small output: chroma enlarged, shortened where it leaves the gamut.
function inColour(pixels, side, output, size) {
  const chroma = new Float32Array(size * size * 2), data = new Uint8ClampedArray(pixels.length);
  for (let n = 0; n < size * size; n++) {
    const grey = lumaOf(output, 3 * n);
    chroma[2 * n] = (output[3 * n + 2] - grey) / 1.772; // blue
    chroma[2 * n + 1] = (output[3 * n] - grey) / 1.402; // red
  }
  const weights = weigh(kernels.bicubic, size, 0, size, side, 0, side);
  const large = resample(chroma, size, size, 2, weights, weights, value => value);
  for (let n = 0; n < side * side; n++) {
    const grey = Math.min(lumaOf(pixels, 4 * n) / 255, 1), blue = large[2 * n] * 1.772, red = large[2 * n + 1] * 1.402;
    const away = [red, -(blue * LUMA[2] + red * LUMA[0]) / LUMA[1], blue];
    let share = 1;
    for (const step of away) share = Math.min(share, (step > 0 ? 1 - grey : grey) / Math.max(Math.abs(step), 1e-9));
    for (let c = 0; c < 3; c++) data[4 * n + c] = toByte(255 * (grey + share * away[c]));
    data[4 * n + 3] = 255;
  }
  return data;
}

function greyBytes(pixels) { // RGBA bytes of the brightness alone
  const data = new Uint8ClampedArray(pixels.length);
  for (let n = 0; n < pixels.length; n += 4) data.fill(toByte(lumaOf(pixels, n)), n, n + 3).fill(255, n + 3, n + 4);
  return data;
}
