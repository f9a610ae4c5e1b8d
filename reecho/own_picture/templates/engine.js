// What the page asks for: in a worker where the browser allows one, else in the page itself. Each job takes and gives plain data.
// `control` of a job: progress(share), which tells the page, and cancelled, which the page sets.

const MULTIPLE = 8; // a picture that the denoiser takes has multiples of this many pixels
const quiet = {progress() {}, cancelled: false};

const engine = {
  networks: {},
  picture: null, // what was given to `read` last

  async open({settings, texts}) { // unpack the weights; whether the computer's fast arithmetic is at hand
    engine.settings = settings;
    const code = bytesOf(settings.arithmetic);
    for (const [name, network] of Object.entries(settings.networks)) {
      const weights = await weightsOf(network, texts[name]), arithmetic = await arithmeticOf(code);
      const kept = packWeights(network.graphs, weights, arithmetic);
      engine.networks[name] = {...network, parts: network.graphs.map(graph => ({graph, weights, kept, arithmetic}))};
    }
    return Object.values(engine.networks).every(({parts}) => parts[0].arithmetic.fast);
  },

  run({name, part = 0, inputs}, control = quiet) { // inputs: {data, shape}
    return runNetwork(engine.networks[name].parts[part], inputs, control);
  },

  async check({name}) { // the largest difference from TensorFlow's outputs on the drawn face that came with the page
    const {low, high} = engine.settings, {check, parts} = engine.networks[name];
    const given = {data: Float32Array.from(bytesOf(check.inputs), byte => byte / 255), shape: check.shape};
    let [outputs] = await engine.run({name, inputs: [given]});
    if (parts.length > 1) [outputs] = await engine.run({name, part: 1, inputs: [given, levelOf(outputs, check.shape)]});
    const bytes = bytesOf(check.outputs);
    let largest = 0;
    outputs.forEach((value, n) => {
      const expected = low + (bytes[2 * n] | bytes[2 * n + 1] << 8) / 65535 * (high - low);
      largest = Math.max(largest, Number.isNaN(value) ? Infinity : Math.abs(value - expected));
    });
    return largest;
  },

  async read({pixels, columns, rows, sigma, seed}, control) { // RGBA bytes → noise added, and the noise that is read off the sum
    const clean = new Float32Array(columns * rows * 3);
    for (let n = 0; n < columns * rows; n++) for (let c = 0; c < 3; c++) clean[3 * n + c] = pixels[4 * n + c] / 255;
    const noisy = sigma ? noiseLike(clean, seed).map((value, n) => clean[n] + sigma * value) : clean;
    const padded = reflected(noisy, columns, rows, MULTIPLE), began = performance.now();
    const [level] = await engine.run({name: "denoising", inputs: [padded]}, control);
    engine.picture = {clean, noisy, columns, rows, sigma, padded, level};
    const square = level.reduce((sum, log) => sum + Math.exp(2 * log), 0) / level.length;
    const before = sigma ? psnrOf(noisy, clean) : null;
    return {noisy: bytesFrom(noisy), read: Math.sqrt(square), before, milliseconds: performance.now() - began};
  },

  async remove({strength}, control) { // up to 1 the share of the noise that is taken off; above, the factor on the σ that was read
    const picture = engine.picture, {clean, noisy, columns, rows, sigma, padded, level} = picture, began = performance.now();
    const factor = Math.max(strength, 1);
    if (strength && picture.factor !== factor) {
      const stronger = levelOf(level.map(log => log + Math.log(factor)), padded.shape);
      const [whole] = await engine.run({name: "denoising", part: 1, inputs: [padded, stronger]}, control);
      picture.removed = new Float32Array(columns * rows * 3);
      for (let y = 0, wide = 3 * padded.shape[1]; y < rows; y++) {
        picture.removed.set(whole.subarray(y * wide, y * wide + 3 * columns), y * 3 * columns);
      }
      picture.factor = factor;
    }
    const share = Math.min(strength, 1), {removed} = picture;
    const denoised = share === 1 ? removed : share ? noisy.map((value, n) => value + share * (removed[n] - value)) : noisy;
    const after = sigma ? psnrOf(denoised, clean) : null;
    return {denoised: bytesFrom(denoised), after, milliseconds: performance.now() - began};
  },

  frame({part, picture, square}) {
    const {width, crop, networks} = engine.settings;
    return frameOf(part, picture, square, width, crop, networks.colourisation.graphs[0].inputs[0][0]);
  },

  async colour({face, pixels, columns, rows, frame}, control) {
    const began = performance.now(), size = Math.sqrt(face.length / 3);
    const seen = greyOf(face), inputs = [{data: seen, shape: [size, size, 3]}];
    const [small] = await engine.run({name: "colourisation", inputs}, control), milliseconds = performance.now() - began;
    return {small, grey: greyBytes(pixels), coloured: inColour(pixels, columns, rows, frame, small, seen, size, engine.settings.laying), milliseconds};
  },
};

function levelOf(data, [rows, columns]) { // log σ by places
  return {data, shape: [rows / MULTIPLE, columns / MULTIPLE, 1]};
}

// ---- one job at a time for each network, since its memory is shared; the last one asked for goes last

const queues = {}, controls = new Map();
const queueOf = {read: "denoising", remove: "denoising", frame: "colourisation", colour: "colourisation"};

function inTurn(job, given, control) {
  const queue = queueOf[job] || "all", before = queue === "all" ? Object.values(queues) : [queues[queue], queues.all];
  const result = Promise.allSettled(before).then(() => {
    if (control.cancelled) throw new Cancelled("cancelled");
    return engine[job](given, control);
  });
  queues[queue] = result.catch(() => {});
  return result;
}

if (typeof document === "undefined") { // in the worker
  self.onmessage = async ({data: {number, job, given, cancel}}) => {
    if (cancel) {
      if (controls.has(cancel)) controls.get(cancel).cancelled = true;
      return;
    }
    const control = {progress: share => self.postMessage({number, share}), cancelled: false};
    controls.set(number, control);
    try {
      self.postMessage({number, result: await inTurn(job, given, control)});
    } catch (error) {
      self.postMessage({number, error: String(error && error.message || error)});
    } finally {
      controls.delete(number);
    }
  };
}
