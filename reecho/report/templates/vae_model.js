// The VAE that a page holds: the best linear VAE in closed form at every α, and the network at the α that it learnt with.
// Needs network.js, arithmetic.js and rows.js of the page for a reader's own picture, which carry out the network's operations.

const floatsOf = (text) => { // base 64 of float32
  const bytes = bytesOf(text);
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
};

// nats of one axis: KL(N(mean, variance) ‖ N(0, 1)); 0 where the axis says nothing of the face
const klOfAxis = (mean, logVariance) => 0.5 * (mean * mean + Math.exp(logVariance) - 1 - logVariance);

class VaeModel {
  static async of(held) {
    const all = await weightsOf(held, held.text), model = new VaeModel(), cut = held.axes * held.values;
    Object.assign(model, { count: held.axes, values: held.values, size: Math.sqrt(held.values / 3), alpha: held.alpha });
    Object.assign(model, { meanFace: floatsOf(held.mean), variances: floatsOf(held.variances), axes: all.subarray(0, cut) });
    model.last = Promise.resolve();
    if (!held.graphs) return model;
    const arithmetic = await arithmeticOf(bytesOf(held.wasm)), weights = all.subarray(cut);
    const kept = packWeights(held.graphs, weights, arithmetic);
    model.parts = held.graphs.map((graph) => ({ graph, weights, kept, arithmetic }));
    model.added = held.added?.map(floatsOf); // by an encoder that adds the same for every face
    model.reading = floatsOf(held.reading);
    model.writing = floatsOf(held.writing);
    model.logVariance = floatsOf(held.logVariance);
    return model;
  }

  squareOf(alpha) { // σ², the decoder's variance, intensity²
    return this.values / (2 * alpha);
  }

  coordinates(face) { // of a face along the axes
    const { axes, count, values, meanFace } = this, away = new Float32Array(values), along = new Float32Array(count);
    for (let n = 0; n < values; n++) away[n] = face[n] - meanFace[n];
    for (let k = 0, at = 0; k < count; k++) {
      let sum = 0;
      for (let n = 0; n < values; n++, at++) sum += axes[at] * away[n];
      along[k] = sum;
    }
    return along;
  }

  picture(along) { // the face at these coordinates
    const { axes, count, values } = this, face = Float32Array.from(this.meanFace);
    for (let k = 0; k < count; k++) {
      const share = along[k];
      if (!share) continue;
      for (let n = 0, at = k * values; n < values; n++, at++) face[n] += share * axes[at];
    }
    return face;
  }

  // ---- the best linear VAE: {mean, logVariance} of a code, and a code's face

  linearCode(along, alpha) {
    const square = this.squareOf(alpha), mean = new Float32Array(this.count), logVariance = new Float32Array(this.count);
    this.variances.forEach((variance, k) => {
      if (variance <= square) return; // below the level an axis tells nothing: its code is the prior
      mean[k] = along[k] * Math.sqrt(variance - square) / variance;
      logVariance[k] = Math.log(square / variance);
    });
    return { mean, logVariance };
  }

  linearFace(z, alpha) {
    const square = this.squareOf(alpha);
    return this.picture(z.map((value, k) => value * Math.sqrt(Math.max(this.variances[k] - square, 0))));
  }

  active(alpha) { // number of axes, and the mean rate of train faces in nats
    const square = this.squareOf(alpha), above = this.variances.filter((variance) => variance > square);
    return { active: above.length, rate: above.reduce((sum, variance) => sum + 0.5 * Math.log(variance / square), 0) };
  }

  // ---- the network; its two parts share a memory, so that one runs after the other

  run(part, ...inputs) { // the decoder is the last part
    const job = this.last.then(() => runNetwork(this.parts.at(part), inputs, { progress() {}, cancelled: false }));
    this.last = job.catch(() => {});
    return job;
  }

  async networkCode(face, along) {
    const [mean, logVariance] = this.added?.map((values) => values.slice()) ?? await this.run(0, { data: face, shape: [this.size, this.size, 3] });
    for (let k = 0; k < this.count; k++) {
      mean[k] += along[k] * this.reading[k];
      logVariance[k] = Math.min(Math.max(logVariance[k] + this.logVariance[k], -10), 10);
    }
    return { mean, logVariance };
  }

  async networkFace(z) {
    const base = this.picture(z.map((value, k) => value * this.writing[k]));
    const [face] = await this.run(-1, { data: base, shape: [this.size, this.size, 3] }, { data: z, shape: [this.count] });
    return face;
  }

  // ---- either of them: `at` is α, `network` whether the network's own code and face are meant

  async code(face, at, network) {
    const along = this.coordinates(face);
    return network ? this.networkCode(face, along) : this.linearCode(along, at);
  }

  async face(z, at, network) {
    return network ? this.networkFace(z) : this.linearFace(z, at);
  }
}

function drawnFrom({ mean, logVariance }, seed) { // a draw of z: mean + standard deviation · noise
  const noise = noiseLike(mean, seed);
  return mean.map((value, k) => value + Math.exp(logVariance[k] / 2) * noise[k]);
}

const natsOf = ({ mean, logVariance }) => mean.reduce((sum, value, k) => sum + klOfAxis(value, logVariance[k]), 0);

function decibels(face, target) { // PSNR, of what a screen shows: values outside [0, 1] are cut off
  const sum = face.reduce((total, value, n) => total + (Math.min(Math.max(value, 0), 1) - target[n]) ** 2, 0);
  return -10 * Math.log10(sum / face.length);
}

function contrastOf(face) { // standard deviation of the luma
  const shown = face.map((value) => Math.min(Math.max(value, 0), 1));
  const lumas = Array.from({ length: face.length / 3 }, (_, n) => lumaOf(shown, 3 * n));
  const mean = lumas.reduce((sum, value) => sum + value, 0) / lumas.length;
  return Math.sqrt(lumas.reduce((sum, value) => sum + (value - mean) ** 2, 0) / lumas.length);
}
