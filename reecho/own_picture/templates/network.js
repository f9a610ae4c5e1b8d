"use strict";
// A network's weights out of text, and its operations in the order in which their rows are computed.
// No value of a network is held whole: each one keeps the rows that are still needed, so that a photograph takes some megabytes.

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

function planesOf(shape) { // rows, columns, channels; a vector is one pixel
  return [1, 1, 1, ...shape].slice(-3);
}

function shapeOf(step, operands) { // of a step's result; height and width that the graph leaves open are the picture's
  if (!step.shape.includes(null)) return planesOf(step.shape);
  const channels = step.shape[step.shape.length - 1], {stride = 1, block = 1, factor = 1} = step;
  return [...[0, 1].map(axis => {
    const length = Math.max(...operands.filter(each => each.shape).map(each => each.shape[axis]));
    return step.back ? length * block : Math.ceil(length * factor / stride / block);
  }), channels];
}

function paddingOf({size: [high, wide], stride}, from, to) { // "same", as TensorFlow's: the odd row and column are added at the end
  const missing = (axis, kernel) => Math.max((to[axis] - 1) * stride + kernel - from[axis], 0);
  const across = missing(1, wide), above = missing(0, high) >> 1;
  return {above, before: across >> 1, after: across - (across >> 1)};
}

// The first and the last row of an operand that go into row y of a value.
function rowsNeeded({step, shape, padding}, operand, y) {
  const rows = operand.shape[0], inside = (first, last) => [Math.max(first, 0), Math.min(last, rows - 1)];
  switch (step.op) {
    case "convolution": return inside(y * step.stride - padding.above, y * step.stride - padding.above + step.size[0] - 1);
    case "fold": return step.back ? [Math.floor(y / step.block), Math.floor(y / step.block)] : [y * step.block, (y + 1) * step.block - 1];
    case "average": return inside(y - (step.window - 1) / 2, y + (step.window - 1) / 2);
    case "enlarge": return [Math.floor(y / step.factor), Math.floor(y / step.factor)];
    case "mean": case "reshape": return [0, rows - 1];
    default: return rows === 1 ? [0, 0] : [y, y];
  }
}

// The values of a network for inputs of these shapes, and the order in which their rows are computed, each as late as possible.
// A value: {step, of, shape, rows: how many it keeps at a time, before and after: columns of zeros beside each, work: of a row}.
function planOf(graph, shapes) {
  const values = graph.inputs.map((_, n) => ({step: {op: "input"}, of: [], input: n, shape: planesOf(shapes[n])}));
  for (const step of graph.steps) {
    const of = step.of.map(place => Array.isArray(place) ? {number: place[0]} : values[place]);
    if (step.op === "same") values.push(of[0]);
    else values.push({step, of, shape: shapeOf(step, of)});
  }
  const outputs = graph.outputs.map(place => values[place]), used = new Set();
  const use = value => {
    if (used.has(value)) return;
    used.add(value);
    Object.assign(value, {rows: 0, done: 0, before: 0, after: 0, users: [], of: value.of.filter(each => each.shape), operands: value.of});
    value.work = value.shape[1] * (value.step.size ? sizeOf(value.step.size) : value.shape[2]);
    value.of.forEach(use);
  };
  outputs.forEach(use);
  for (const value of used) {
    for (const operand of value.of) operand.users.push(value);
    if (value.step.op !== "convolution") continue;
    const [operand] = value.of;
    value.padding = paddingOf(value.step, operand.shape, value.shape);
    operand.before = Math.max(operand.before, value.padding.before);
    operand.after = Math.max(operand.after, value.padding.after);
  }
  const order = [];
  const compute = value => { // the next row of it, after those that it needs
    for (const operand of value.of) {
      const [, last] = rowsNeeded(value, operand, value.done);
      while (operand.done <= last) compute(operand);
    }
    const needed = value.users.filter(user => user.done < user.shape[0]).map(user => rowsNeeded(user, value, user.done)[0]);
    value.rows = Math.max(value.rows, value.done + 1 - Math.min(value.done, ...needed));
    value.done += 1;
    order.push(value);
  };
  for (const output of outputs) while (output.done < output.shape[0]) compute(output);
  return {values: [...used], outputs, order, work: order.reduce((sum, value) => sum + value.work, 0)};
}
