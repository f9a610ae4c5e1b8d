// A network carried out row by row, with pauses in which other messages are heard.

const PAUSE = 40; // milliseconds of work between two pauses

class Cancelled extends Error {}

const pause = (() => { // until everything that waits has had its turn; a timer of the browser would wait 4 ms at least
  const {port1, port2} = new MessageChannel(), waiting = [];
  port1.onmessage = () => waiting.shift()();
  return () => new Promise(resolve => {
    waiting.push(resolve);
    port2.postMessage(0);
  });
})();

// Weights of the convolutions of these graphs where the arithmetic wants them.
function packWeights(graphs, weights, arithmetic) {
  const kept = new Map();
  for (const graph of graphs) {
    for (const step of graph.steps) {
      if (step.op === "convolution" && !kept.has(step.kernel)) kept.set(step.kernel, arithmetic.pack(step, weights));
    }
  }
  return kept;
}

// The outputs of a graph, Float32Arrays, for inputs {data, shape}. `control`: progress(share) is called at each pause, and
// `cancelled`, looked at after it, ends the work with an error. One call at a time for the same arithmetic: they share its memory.
async function runNetwork({graph, weights, kept, arithmetic}, inputs, control) {
  const {memory} = arithmetic, plan = planOf(graph, inputs.map(input => input.shape)), mark = memory.used;
  let longest = 0;
  for (const value of plan.values) {
    value.long = (value.before + value.shape[1] + value.after) * value.shape[2];
    value.place = memory.reserve(value.long * value.rows);
    value.y = 0;
    longest = Math.max(longest, value.long);
  }
  const zeros = memory.reserve(longest), under = memory.reserve(32), {floats} = memory;
  const results = plan.outputs.map(output => new Float32Array(sizeOf(output.shape)));
  let done = 0, last = performance.now();
  try {
    for (const value of plan.order) {
      const y = value.y++, at = (row, of = value) => of.place + (row % of.rows) * of.long + of.before * of.shape[2];
      rowOf(value, y, at);
      plan.outputs.forEach((output, n) => {
        const count = value.shape[1] * value.shape[2];
        if (output === value) results[n].set(floats.subarray(at(y), at(y) + count), y * count);
      });
      done += value.work;
      if (performance.now() - last < PAUSE) continue;
      control.progress(done / plan.work);
      await pause();
      if (control.cancelled) throw new Cancelled("cancelled");
      last = performance.now();
    }
  } finally {
    memory.used = mark;
  }
  return results;

  function rowOf(value, y, at) {
    const {step, of, operands, shape: [, columns, channels]} = value, count = columns * channels, alike = each => each.shape && sizeOf(each.shape) === sizeOf(value.shape);
    if (step.op === "input") floats.set(inputs[value.input].data.subarray(y * count, (y + 1) * count), at(y));
    else if (step.op === "convolution") convolved(value, y, at);
    else if (step.op === "constant") floats.set(weights.subarray(step.value + y * count, step.value + (y + 1) * count), at(y));
    else if (step.op === "relu") arithmetic.relu(at(y, of[0]), at(y), count);
    else if (step.op === "add" && operands.every(alike)) arithmetic.add(at(y, of[0]), at(y, of[1]), at(y), count);
    else if (plain[step.op]) eachOf(value, y, at, floats, plain[step.op]);
    else others[step.op](value, y, at, floats);
  }

  function convolved({step, of: [input], padding, shape: [, columns, channels]}, y, at) {
    const [high, wide, taken] = step.size, first = y * step.stride - padding.above;
    for (let i = 0; i < high; i++) {
      const inside = first + i >= 0 && first + i < input.shape[0];
      memory.ints[under + i] = 4 * (inside ? at(first + i, input) - padding.before * taken : zeros);
    }
    arithmetic.convolve(under, high, wide * taken, step.stride * taken, kept.get(step.kernel), at(y), columns, channels);
    if (step.relu) arithmetic.relu(at(y), at(y), columns * channels);
  }
}
