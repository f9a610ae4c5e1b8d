// What the page asks for: in a worker where the browser allows one, else in the page itself. Each job takes and gives plain data.

const engine = {
  networks: {},

  async open({settings, texts}) { // unpack the weights
    engine.settings = settings;
    for (const [name, network] of Object.entries(settings.networks)) {
      engine.networks[name] = {network, weights: await weightsOf(network, texts[name])};
    }
    return Object.keys(engine.networks);
  },

  run({name, inputs}) {
    const {network, weights} = engine.networks[name];
    return runNetwork(network, weights, inputs);
  },

  check({name}) { // the largest difference from TensorFlow's outputs on the drawn face that came with the page
    const {low, high} = engine.settings, {check} = engine.networks[name].network;
    const inputs = Float32Array.from(bytesOf(check.inputs), byte => byte / 255);
    const bytes = bytesOf(check.outputs), [outputs] = engine.run({name, inputs});
    let largest = 0;
    outputs.forEach((value, n) => {
      const expected = low + (bytes[2 * n] | bytes[2 * n + 1] << 8) / 65535 * (high - low);
      largest = Math.max(largest, Number.isNaN(value) ? Infinity : Math.abs(value - expected));
    });
    return largest;
  },

  frame({part, picture, square}) {
    const {width, crop, networks} = engine.settings;
    return frameOf(part, picture, square, width, crop, networks.denoising.input[0]);
  },

  denoise({face, sigma, seed}) {
    const began = performance.now(), noise = noiseLike(face, seed);
    const noisy = face.map((value, n) => value + sigma * noise[n]), [denoised, level] = engine.run({name: "denoising", inputs: noisy});
    return {
      noisy, denoised, read: Math.exp(level[0]), milliseconds: performance.now() - began,
      before: psnrOf(noisy, face), after: psnrOf(denoised, face),
    };
  },

  colour({face, pixels, side}) {
    const began = performance.now(), [small] = engine.run({name: "colourisation", inputs: greyOf(face)});
    const milliseconds = performance.now() - began, size = Math.sqrt(face.length / 3);
    return {small, grey: greyBytes(pixels), coloured: inColour(pixels, side, small, size), milliseconds};
  },
};

if (typeof document === "undefined") { // in the worker
  self.onmessage = async ({data: {number, job, given}}) => {
    try {
      self.postMessage({number, result: await engine[job](given)});
    } catch (error) {
      self.postMessage({number, error: String(error && error.message || error)});
    }
  };
}
