"use strict";
// Networks in plain JavaScript: weights out of text, and a list of operations carried out on typed arrays, one picture at a time.
// A value is {shape, data}: shape without the batch, data a Float32Array in rows, columns, channels.

const halves = (() => { // all 65,536 numbers of 16 bits, so that a weight is read by looking it up
  const values = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    if (exponent === 0) values[bits] = sign * fraction * 2 ** -24; // the smallest have no leading one
    else if (exponent === 31) values[bits] = fraction ? NaN : sign * Infinity;
    else values[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return values;
})();

function bytesOf(text) { // base 64
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function weightsOf(network, text) { // Float32Array of all weights: low bytes, then high bytes, deflated
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  return Float32Array.from({length: network.count}, (_, n) => halves[planes[n] | planes[network.count + n] << 8]);
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

function convolve(input, step, weights) { // "same" padding as TensorFlow's: the odd row and column are added at the end
  const [rows, columns, taken] = input.shape.length === 3 ? input.shape : [1, 1, input.shape[0]];
  const [high, wide, , channels] = step.size, {stride} = step;
  const outRows = Math.ceil(rows / stride), outColumns = Math.ceil(columns / stride);
  const above = Math.max((outRows - 1) * stride + high - rows, 0) >> 1;
  const before = Math.max((outColumns - 1) * stride + wide - columns, 0) >> 1;
  const kernel = weights.subarray(step.kernel, step.kernel + sizeOf(step.size));
  const bias = step.bias === null ? null : weights.subarray(step.bias, step.bias + channels);
  const source = input.data, data = new Float32Array(outRows * outColumns * channels), sums = new Float64Array(channels);
  const most = high * wide * taken + 4, values = new Float64Array(most), places = new Int32Array(most); // of what is not zero
  for (let y = 0, to = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++, to += channels) {
      let count = 0;
      for (let i = 0; i < high; i++) {
        const row = y * stride + i - above;
        if (row < 0 || row >= rows) continue;
        for (let j = 0; j < wide; j++) {
          const column = x * stride + j - before;
          if (column < 0 || column >= columns) continue;
          const from = (row * columns + column) * taken, tap = (i * wide + j) * taken;
          for (let c = 0; c < taken; c++) {
            if (source[from + c] === 0) continue; // half of what comes out of a ReLU
            values[count] = source[from + c];
            places[count++] = (tap + c) * channels;
          }
        }
      }
      while (count % 4) values[count++] = 0;
      if (bias) sums.set(bias); else sums.fill(0);
      for (let n = 0; n < count; n += 4) { // four at a time: the sums are fetched and stored a quarter as often
        const [a, b, c, d] = [values[n], values[n + 1], values[n + 2], values[n + 3]];
        const [at, bt, ct, dt] = [places[n], places[n + 1], places[n + 2], places[n + 3]];
        for (let k = 0; k < channels; k++) sums[k] += a * kernel[at + k] + b * kernel[bt + k] + c * kernel[ct + k] + d * kernel[dt + k];
      }
      if (step.relu) for (let k = 0; k < channels; k++) if (sums[k] < 0) sums[k] = 0;
      data.set(sums, to);
    }
  }
  return data;
}

function fold(input, step) { // blocks of pixels into channels, or back
  const {block, back} = step, data = new Float32Array(input.data.length);
  const [rows, columns, channels] = back ? step.shape : input.shape; // of the unfolded picture
  const wide = columns / block, deep = channels * block * block;
  for (let y = 0, flat = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const place = (y % block) * block + x % block;
      const folded = (Math.floor(y / block) * wide + Math.floor(x / block)) * deep + place * channels;
      for (let c = 0; c < channels; c++, flat++) {
        if (back) data[flat] = input.data[folded + c];
        else data[folded + c] = input.data[flat];
      }
    }
  }
  return data;
}

function average(input, step) { // of the pixels around each, those outside the picture left out
  const [rows, columns, channels] = input.shape, reach = (step.window - 1) / 2, data = new Float32Array(input.data.length);
  for (let y = 0, to = 0; y < rows; y++) {
    const [top, bottom] = [Math.max(y - reach, 0), Math.min(y + reach, rows - 1)];
    for (let x = 0; x < columns; x++) {
      const [left, right] = [Math.max(x - reach, 0), Math.min(x + reach, columns - 1)];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = top; i <= bottom; i++) for (let j = left; j <= right; j++) sum += input.data[(i * columns + j) * channels + c];
        data[to++] = sum / ((bottom - top + 1) * (right - left + 1));
      }
    }
  }
  return data;
}

function stepsAlong(shape, whole) { // how far an axis of the result leads in an operand: not at all where the operand has one place
  const steps = new Array(whole.length).fill(0);
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) {
    if (shape[axis] > 1) steps[axis + whole.length - shape.length] = step;
  }
  return steps;
}

function eachOf(values, shape, compute) { // number by number, operands of one place or one channel repeated
  const whole = [1, 1, 1, ...shape].slice(-3), data = new Float32Array(sizeOf(shape));
  if (values.length < 3 && values.every(value => value.data.length === data.length)) { // nothing is repeated
    const [{data: first}, {data: second} = values[0]] = values;
    for (let n = 0; n < data.length; n++) data[n] = compute(first[n], second[n]);
    return data;
  }
  const along = values.map(value => stepsAlong(value.shape, whole)), sources = values.map(value => value.data);
  const numbers = new Array(values.length);
  for (let y = 0, to = 0; y < whole[0]; y++) {
    for (let x = 0; x < whole[1]; x++) {
      for (let c = 0; c < whole[2]; c++) {
        for (let n = 0; n < numbers.length; n++) numbers[n] = sources[n][y * along[n][0] + x * along[n][1] + c * along[n][2]];
        data[to++] = compute(...numbers);
      }
    }
  }
  return data;
}

const plain = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b, maximum: Math.max,
  minimum: Math.min, greater: (a, b) => a > b ? 1 : 0, where: (test, a, b) => test ? a : b, absolute: Math.abs, negative: a => -a,
  exp: Math.exp, zeros: () => 0, relu: a => a > 0 ? a : 0,
};

const others = {
  same: ([input]) => input.data,
  fold: ([input], step) => fold(input, step),
  average: ([input], step) => average(input, step),
  convolution: ([input], step, weights) => convolve(input, step, weights),
  constant: (values, step, weights) => weights.subarray(step.value, step.value + sizeOf(step.shape)),
  clip: (values, step) => eachOf(values, step.shape, a => Math.min(Math.max(a, step.low), step.high)),
  mean([input], step) { // over the picture, of each channel
    const [channels] = step.shape, sums = new Float64Array(channels), data = input.data;
    for (let n = 0; n < data.length; n++) sums[n % channels] += data[n];
    return Float32Array.from(sums, sum => sum * channels / data.length);
  },
  least([input], step) { // of the channels
    const channels = input.shape[input.shape.length - 1], data = new Float32Array(sizeOf(step.shape)).fill(Infinity);
    for (let n = 0; n < input.data.length; n++) data[n / channels | 0] = Math.min(data[n / channels | 0], input.data[n]);
    return data;
  },
  channels([input], step) {
    const all = input.shape[input.shape.length - 1], count = step.last - step.first, data = new Float32Array(sizeOf(step.shape));
    for (let n = 0; n < data.length; n++) data[n] = input.data[(n / count | 0) * all + step.first + n % count];
    return data;
  },
  concatenate(values, step) {
    const all = step.shape[step.shape.length - 1], data = new Float32Array(sizeOf(step.shape));
    let first = 0;
    for (const value of values) {
      const own = value.shape[value.shape.length - 1];
      for (let n = 0; n < value.data.length; n++) data[(n / own | 0) * all + first + n % own] = value.data[n];
      first += own;
    }
    return data;
  },
};

function runNetwork(network, weights, picture) { // Float32Arrays, one for each output of the network
  const values = [{shape: network.input, data: picture}];
  for (const step of network.steps) {
    const taken = step.of.map(place => Array.isArray(place) ? {shape: [], data: place} : values[place]);
    const compute = plain[step.op];
    const data = compute ? eachOf(taken, step.shape, compute) : others[step.op](taken, step, weights);
    values.push({shape: step.shape, data});
  }
  return network.outputs.map(place => values[place].data);
}
