// Operations of networks on rows of numbers. All numbers lie in one memory, which WebAssembly shares where the browser has it.

const BLOCK = 8; // channels that rows.c computes together

// Memory that is given out from one end and taken back to a mark, as float32 numbers: places are counted in them.
function memoryOf(wasm) {
  const memory = {floats: null, ints: null, used: 8192, wasm}; // the first 32 kB are the stack of rows.c and what it names
  const look = buffer => Object.assign(memory, {floats: new Float32Array(buffer), ints: new Int32Array(buffer)});
  look(wasm ? wasm.buffer : new ArrayBuffer(1 << 20));
  memory.reserve = count => {
    const place = memory.used;
    memory.used += Math.ceil(count / 4) * 4;
    const missing = memory.used * 4 - memory.floats.byteLength;
    if (missing > 0 && wasm) {
      wasm.grow(Math.ceil(missing / 65536));
      look(wasm.buffer);
    } else if (missing > 0) {
      const larger = new Float32Array(memory.used * 3 >> 1);
      larger.set(memory.floats);
      look(larger.buffer);
    }
    memory.floats.fill(0, place, memory.used);
    return place;
  };
  return memory;
}

// {memory, convolve, relu, add, fast}: from rows.wasm, or in JavaScript where the browser has no WebAssembly for four numbers at a time.
async function arithmeticOf(code) {
  try {
    const wasm = new WebAssembly.Memory({initial: 16}), {instance} = await WebAssembly.instantiate(code, {env: {memory: wasm}});
    const memory = memoryOf(wasm), {convolve, relu, add} = instance.exports;
    return {
      memory, fast: true, pack: (step, weights) => packed(step, weights, memory),
      convolve: (rows, high, length, step, {weights, bias}, out, columns, channels) =>
        convolve(rows * 4, high, length, step, weights * 4, bias * 4, out * 4, columns, channels),
      relu: (of, out, count) => relu(of * 4, out * 4, count),
      add: (a, b, out, count) => add(a * 4, b * 4, out * 4, count),
    };
  } catch {
    return inJavaScript(memoryOf(null));
  }
}

function packed({kernel, bias, size}, weights, memory) { // as rows.c takes them: blocks of 8 channels, the last one filled with zeros
  const [high, wide, taken, channels] = size, places = high * wide * taken, blocks = Math.ceil(channels / BLOCK);
  const to = memory.reserve(blocks * places * BLOCK), biased = memory.reserve(blocks * BLOCK);
  for (let n = 0; n < places; n++) {
    for (let c = 0; c < channels; c++) {
      memory.floats[to + (Math.floor(c / BLOCK) * places + n) * BLOCK + c % BLOCK] = weights[kernel + n * channels + c];
    }
  }
  if (bias !== null) memory.floats.set(weights.subarray(bias, bias + channels), biased);
  return {weights: to, bias: biased};
}

function inJavaScript(memory) {
  return {
    memory, fast: false,
    pack: ({kernel, bias, size}, weights) => ({
      kernel: weights.subarray(kernel, kernel + sizeOf(size)), bias: bias === null ? null : weights.subarray(bias, bias + size[3]),
    }),
    convolve(rows, high, length, step, {kernel, bias}, out, columns, channels) {
      const {floats, ints} = memory, most = high * length + 4, sums = new Float64Array(channels);
      const values = new Float64Array(most), places = new Int32Array(most); // of what is not zero
      for (let x = 0; x < columns; x++) {
        let count = 0;
        for (let i = 0; i < high; i++) {
          const from = (ints[rows + i] >> 2) + x * step;
          for (let n = 0; n < length; n++) {
            if (floats[from + n] === 0) continue; // half of what comes out of a ReLU
            values[count] = floats[from + n];
            places[count++] = (i * length + n) * channels;
          }
        }
        while (count % 4) values[count++] = 0;
        if (bias) sums.set(bias); else sums.fill(0);
        for (let n = 0; n < count; n += 4) { // four at a time: the sums are fetched and stored a quarter as often
          const [a, b, c, d] = [values[n], values[n + 1], values[n + 2], values[n + 3]];
          const [at, bt, ct, dt] = [places[n], places[n + 1], places[n + 2], places[n + 3]];
          for (let k = 0; k < channels; k++) sums[k] += a * kernel[at + k] + b * kernel[bt + k] + c * kernel[ct + k] + d * kernel[dt + k];
        }
        floats.set(sums, out + x * channels);
      }
    },
    relu(of, out, count) {
      const {floats} = memory;
      for (let n = 0; n < count; n++) floats[out + n] = floats[of + n] > 0 ? floats[of + n] : 0;
    },
    add(a, b, out, count) {
      const {floats} = memory;
      for (let n = 0; n < count; n++) floats[out + n] = floats[a + n] + floats[b + n];
    },
  };
}

// ---- the other operations: each computes row y of a value; `at(value, y)` is where that row begins, `floats` the memory

function fold({step, of: [input], shape: [, columns, channels]}, y, at, floats) { // blocks of pixels into channels, or back
  const {block, back} = step, flat = back ? channels : input.shape[2], deep = flat * block * block, to = at(y);
  const wide = back ? input.shape[1] : columns; // of the folded picture
  for (let i = 0; i < (back ? 1 : block); i++) {
    const row = back ? y % block : i, from = at(back ? Math.floor(y / block) : y * block + i, input);
    const [folded, unfolded] = back ? [from, to] : [to, from];
    for (let x = 0; x < wide * block; x++) {
      const inside = folded + Math.floor(x / block) * deep + (row * block + x % block) * flat, outside = unfolded + x * flat;
      for (let c = 0; c < flat; c++) {
        if (back) floats[outside + c] = floats[inside + c];
        else floats[inside + c] = floats[outside + c];
      }
    }
  }
}

function average({step, of: [input], shape: [rows, columns, channels]}, y, at, floats) { // those outside the picture are left out
  const reach = (step.window - 1) / 2, first = Math.max(y - reach, 0), last = Math.min(y + reach, rows - 1), to = at(y);
  const sums = new Float64Array(columns * channels);
  for (let i = first; i <= last; i++) {
    const from = at(i, input);
    for (let n = 0; n < sums.length; n++) sums[n] += floats[from + n];
  }
  for (let x = 0; x < columns; x++) {
    const left = Math.max(x - reach, 0), right = Math.min(x + reach, columns - 1);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let j = left; j <= right; j++) sum += sums[j * channels + c];
      floats[to + x * channels + c] = sum / ((last - first + 1) * (right - left + 1));
    }
  }
}

function eachOf(value, y, at, floats, compute) { // number by number, operands of one row, column or channel repeated
  const [, columns, channels] = value.shape, to = at(y);
  const sources = value.operands.map(operand => {
    if (!operand.shape) return {data: [operand.number], from: 0, across: 0, deep: 0};
    const [rows, wide, own] = operand.shape;
    return {data: floats, from: at(rows === 1 ? 0 : y, operand), across: wide === 1 ? 0 : own, deep: own === 1 ? 0 : 1};
  });
  const [a, b = a, c = a] = sources;
  for (let x = 0, n = to; x < columns; x++) {
    for (let k = 0; k < channels; k++, n++) {
      floats[n] = compute(
        a.data[a.from + x * a.across + k * a.deep], b.data[b.from + x * b.across + k * b.deep], c.data[c.from + x * c.across + k * c.deep]);
    }
  }
}

const plain = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
  maximum: (a, b) => Math.max(a, b), minimum: (a, b) => Math.min(a, b), greater: (a, b) => a > b ? 1 : 0, where: (test, a, b) => test ? a : b, absolute: Math.abs, negative: a => -a,
  exp: Math.exp, zeros: () => 0, relu: a => a > 0 ? a : 0,
};

const others = {
  fold,
  average,
  clip: (value, y, at, floats) => eachOf(value, y, at, floats, a => Math.min(Math.max(a, value.step.low), value.step.high)),
  enlarge({step, of: [input], shape: [, columns, channels]}, y, at, floats) { // each pixel repeated
    const from = at(Math.floor(y / step.factor), input), to = at(y);
    for (let x = 0; x < columns; x++) {
      const source = from + Math.floor(x / step.factor) * channels;
      for (let c = 0; c < channels; c++) floats[to + x * channels + c] = floats[source + c];
    }
  },
  mean({of: [input]}, y, at, floats) { // over the picture, of each channel
    const [rows, columns, channels] = input.shape, sums = new Float64Array(channels);
    for (let i = 0; i < rows; i++) {
      for (let n = 0, from = at(i, input); n < columns * channels; n++) sums[n % channels] += floats[from + n];
    }
    floats.set(sums.map(sum => sum / rows / columns), at(y));
  },
  least({of: [input], shape: [, columns]}, y, at, floats) { // of the channels
    const channels = input.shape[2], from = at(y, input), to = at(y);
    for (let x = 0; x < columns; x++) floats[to + x] = Math.min(...floats.subarray(from + x * channels, from + (x + 1) * channels));
  },
  channels({step, of: [input], shape: [, columns, channels]}, y, at, floats) {
    const all = input.shape[2], from = at(y, input), to = at(y);
    for (let x = 0; x < columns; x++) for (let c = 0; c < channels; c++) floats[to + x * channels + c] = floats[from + x * all + step.first + c];
  },
  concatenate({of, shape: [, columns, channels]}, y, at, floats) {
    let first = at(y);
    for (const operand of of) {
      const own = operand.shape[2], from = at(y, operand);
      for (let x = 0; x < columns; x++) for (let c = 0; c < own; c++) floats[first + x * channels + c] = floats[from + x * own + c];
      first += own;
    }
  },
  reshape({of: [input], shape: [, columns, channels]}, y, at, floats) { // the same numbers in order
    const long = input.shape[1] * input.shape[2], count = columns * channels, to = at(y);
    for (let n = 0; n < count; n++) {
      const number = y * count + n;
      floats[to + n] = floats[at(Math.floor(number / long), input) + number % long];
    }
  },
};
