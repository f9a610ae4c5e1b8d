// Widgets that compute a VAE in the page: `vae` holds the model, the others on the same page use it. See vae_model.js.

const vaeShared = { model: null }; // a promise of the VaeModel, and what the first widget says of it
const inWords = (value, digits = 1) => value.toFixed(digits).replace("-", "−");
const inThousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
const SVG = "http://www.w3.org/2000/svg";

function drawing(name, attributes, ...children) { // an element of SVG
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

class LivingVae { // what the widgets share: controls, faces, one computation at a time
  constructor(widget) {
    this.widget = widget;
    this.figure = widget.still.closest("figure");
    const { model, sheet, places, along } = widget.data;
    if (model) Object.assign(vaeShared, model, { model: VaeModel.of(model.held), sheet, places });
    if (!vaeShared.model) throw new Error("The figure that holds the model is not on this page.");
    widget.data.sheet = vaeShared.sheet; // the faces come with the model; the first choice of a figure is a face
    if (along.length) widget.data.places = Array.from(places, (_, n) => vaeShared.places[Math.floor((n * vaeShared.places.length) / places.length)]);
    vaeShared.model.catch((error) => this.broken(error));
  }

  broken(error) { // the still figure is shown again
    this.figure.classList.add("broken");
    this.figure.dataset.error = error.message;
  }

  faces = new Map();

  face(place) {
    if (!this.faces.has(place)) this.faces.set(place, this.pixels(place));
    return this.faces.get(place);
  }

  pixels(place) { // pixels of a face of the sheet, in [0, 1]
    const { sheet: { width, height, columns }, places } = vaeShared, canvas = make("canvas", { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true }), at = places[place];
    context.drawImage(this.widget.sheet, (at % columns) * width, Math.floor(at / columns) * height, width, height, 0, 0, width, height);
    return valuesOf(context.getImageData(0, 0, width, height).data);
  }

  decoded = new Map();

  async coded(place, model) { // a face's code by the network where there is one, and what its mean decodes to; each is computed once
    if (!this.decoded.has(place)) {
      const network = Boolean(model.parts), alpha = vaeShared.alphas[vaeShared.learnt];
      const code = await model.code(this.face(place), alpha, network);
      this.decoded.set(place, { ...code, face: await model.face(code.mean, alpha, network) });
    }
    return this.decoded.get(place);
  }

  paint(canvas, face, words) {
    const size = Math.sqrt(face.length / 3);
    canvas.width = canvas.height = size;
    canvas.getContext("2d").putImageData(new ImageData(bytesFrom(face), size, size), 0, 0);
    if (words) canvas.setAttribute("aria-label", words);
  }

  // Carries out `work` whenever the gives-back function is called, never twice at once, the last setting last.
  update(work) {
    let busy = false, again = false;
    return async () => {
      if (!this.widget.sheet?.complete || busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        do {
          again = false;
          const model = await vaeShared.model, began = performance.now();
          await work(model);
          this.figure.dataset.milliseconds = (performance.now() - began).toFixed(1);
        } while (again);
      } catch (error) {
        this.broken(error);
      }
      busy = false;
    };
  }

  slide(name, { min = 0, max, step = 1, value, text }, moved) { // a slider with its name and value: {row, input, set}
    const shown = make("span", { class: "value", "aria-hidden": "true" }), id = `${this.widget.name}-${name.replace(/\W+/g, "-")}`;
    const input = make("input", { type: "range", id, min, max, step, value });
    const say = () => {
      shown.textContent = text(Number(input.value));
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", () => {
      say();
      moved(Number(input.value));
    });
    say();
    const set = (to) => {
      input.value = to;
      say();
    };
    return { row: make("div", { class: "slide" }, make("label", { for: id }, name), input, shown), input, set };
  }

  choice(name, labels, start, chosen) { // buttons of which one is on: {row, set}
    const options = make("div", { class: "options" }), inputs = labels.map((label, place) => {
      const input = make("input", { type: "radio", name: `${this.widget.name}-${name.replace(/\W+/g, "-")}` });
      input.checked = place === start;
      input.addEventListener("input", () => chosen(place));
      options.append(make("label", {}, input, make("span", {}, label)));
      return input;
    });
    const set = (place) => { inputs[place].checked = true; };
    return { row: make("fieldset", { class: "choice" }, make("legend", {}, name), options), set, inputs };
  }

  button(label, pressed) {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", pressed);
    return button;
  }

  panel(title) { // a face with a title and a line under it
    const canvas = this.widget.canvas({ class: "face", role: "img" }), under = make("span", { class: "under" });
    return { canvas, under, box: make("div", { class: "panel" }, canvas, make("span", { class: "title" }, title), under) };
  }

  say(words) { // the sentence under the figure, and the same for screen readers
    this.sentence.textContent = this.widget.words = words;
  }

  settled() { // what the reader did is said once the hand rests
    this.widget.announce();
  }
}

function valuesOf(bytes) { // RGBA bytes as numbers in [0, 1] without alpha
  return Float32Array.from({ length: (bytes.length / 4) * 3 }, (_, n) => bytes[Math.floor(n / 3) * 4 + (n % 3)] / 255);
}

// The axes as bars of log variance in water as high as log σ², over the code: mean ± deviation of each axis and the z that is used.
class VaeChart {
  constructor(model) {
    Object.assign(this, { model, high: Math.log(model.variances[0] * 1.4), low: Math.log(0.01) });
    const paths = ["water", "below", "dark", "above", "level", "prior", "band", "zero", "z"];
    this.paths = Object.fromEntries(paths.map((name) => [name, drawing("path", { class: name })]));
    const plot = (height, ...names) =>
      drawing("svg", { viewBox: `0 0 ${model.count} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...names.map((name) => this.paths[name]));
    this.level = make("span", { class: "at" });
    const ticks = [10, 1, 0.1].filter((value) => value < model.variances[0] * 1.4).map((value) => {
      const tick = make("span", { class: "tick" }, value === 10 ? "λ = 10" : String(value));
      tick.style.top = `${this.up(value)}%`;
      return tick;
    });
    this.counts = make("div", { class: "counts" }, make("span", {}), make("span", {}));
    this.bars = make("div", { class: "bars" }, plot(100, "water", "below", "dark", "above", "level"), ...ticks, this.level);
    const marks = [2, 0, -2].map((value) => {
      const tick = make("span", { class: "tick" }, value === 2 ? "z = 2" : inWords(value, 0));
      tick.style.top = `${50 - 15 * value}%`;
      return tick;
    });
    this.codes = make("div", { class: "codes-of-axes" }, plot(100, "prior", "band", "zero", "z"), ...marks);
    this.box = make("div", { class: "chart", role: "img" }, this.bars, this.counts, this.codes, make("span", { class: "title" }, "code z: mean ± deviation; dot: the z decoded"));
  }

  up(variance) { // where a variance lies from above, in per cent
    return Math.min(Math.max((100 * (this.high - Math.log(variance))) / (this.high - this.low), 0), 100);
  }

  show(alpha, { mean, logVariance }, z, words) {
    const { model, paths } = this, square = model.squareOf(alpha), level = this.up(square), parts = { below: "", dark: "", above: "" };
    let active = 0;
    model.variances.forEach((variance, k) => {
      const top = this.up(variance), rect = (from, to) => `M${k + 0.1} ${from.toFixed(2)}h.8V${to.toFixed(2)}h-.8z`;
      if (variance > square) {
        active += 1;
        parts.above += rect(top, level);
        parts.below += rect(level, 100);
      } else parts.dark += rect(top, 100);
    });
    for (const [name, path] of Object.entries(parts)) paths[name].setAttribute("d", path);
    paths.water.setAttribute("d", `M0 ${level}H${model.count}V100H0z`);
    paths.level.setAttribute("d", `M0 ${level}H${model.count}`);
    const height = (value) => (50 - (45 * Math.min(Math.max(value, -3.3), 3.3)) / 3).toFixed(2);
    let band = "", dots = "";
    mean.forEach((middle, k) => {
      const wide = Math.exp(logVariance[k] / 2);
      band += `M${k} ${height(middle + wide)}h1V${height(middle - wide)}h-1z`;
      dots += `M${k + 0.5} ${height(z[k])}h.01`;
    });
    paths.band.setAttribute("d", band);
    paths.z.setAttribute("d", dots);
    paths.zero.setAttribute("d", `M0 50H${model.count}`);
    paths.prior.setAttribute("d", `M0 ${height(1)}H${model.count}V${height(-1)}H0z`);
    this.level.textContent = `σ² = ${square.toPrecision(2)}`;
    this.level.style.top = `${level}%`;
    this.level.classList.toggle("low", level > 80);
    const [lit, dark] = this.counts.children;
    lit.textContent = `${active} active`;
    dark.textContent = `${model.count - active} dark`;
    this.box.setAttribute("aria-label", words);
    return active;
  }
}

widgets.vae = (widget) => {
  const living = new LivingVae(widget), { alphas, learnt, rate } = widget.data.model;
  const state = { alpha: learnt, draw: false, seed: 0, network: true, own: null, part: 80 };
  const [input, output] = [living.panel("face x → encoder"), living.panel("decoder → face x̂")];
  const change = (words) => Object.assign(state, words) && (update(), living.settled());
  const slider = living.slide("α, nats", { max: alphas.length - 1, value: learnt, text: (place) => inThousands(alphas[place]) }, (alpha) => change({ alpha }));
  const way = living.choice("decode", ["mean of z", "a draw"], 0, (place) => change({ draw: place === 1 }));
  const again = living.button("Draw again", () => {
    way.set(1);
    change({ draw: true, seed: state.seed + 1 });
  });
  const corrects = make("input", { type: "checkbox", id: `${widget.name}-network` });
  corrects.checked = true;
  corrects.addEventListener("input", () => change({ network: corrects.checked }));
  const correction = make("span", { class: "correction" }, corrects, make("label", { for: corrects.id }, `network, at α = ${inThousands(alphas[learnt])}`));
  const file = make("input", { type: "file", accept: "image/*", id: `${widget.name}-file` });
  const zoom = living.slide("part of the picture", { min: 20, max: 100, value: 80, text: (part) => `${part} %` }, (part) => own(part));
  zoom.row.hidden = true;
  const reset = living.button("Reset", () => {
    slider.set(learnt);
    way.set(0);
    corrects.checked = true;
    zoom.row.hidden = true;
    file.value = "";
    widget.at[0] = 0;
    widget.controls.querySelector("input").checked = true;
    change({ alpha: learnt, draw: false, seed: 0, network: true, own: null });
  });
  const facts = ["σ", "rate of this face", "active axes", "PSNR"].map((name) => make("div", {}, make("dt", {}, name), make("dd", {})));
  living.sentence = make("p", { class: "sentence" });
  const middle = make("div", { class: "middle" }), row = make("div", { class: "row" }, input.box, middle, output.box, slider.row);
  const agreement = make("span", { class: "agreement" });
  const mine = make("div", { class: "mine" }, make("label", { for: file.id }, "your own picture, which stays here"), file, agreement);
  widget.stage.append(row, make("dl", { class: "facts" }, ...facts), make("div", { class: "acts" }, way.row, again, correction, reset), living.sentence, mine, zoom.row);
  let chart = null, image = null;

  async function check(model) { // against TensorFlow's output for the drawn face, the last of the faces
    if (!widget.data.model.check || agreement.textContent) return;
    const expected = floatsOf(widget.data.model.check), { face } = await living.coded(widget.data.along[0].labels.length - 1, model);
    const steps = 255 * face.reduce((most, value, n) => Math.max(most, Math.abs(value - expected[n])), 0);
    agreement.textContent = steps <= 1 ? `drawn face: TensorFlow's to ${Math.max(steps, 0.01).toFixed(2)}/255` : `drawn face: ${steps.toFixed(1)}/255 from TensorFlow's`;
  }

  function own(part) { // the middle of the reader's picture, averaged to the size of the faces
    const size = vaeShared.sheet.width, side = (Math.min(image.naturalWidth, image.naturalHeight) * part) / 100, large = size * 8;
    const canvas = make("canvas", { width: large, height: large }), context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(image, (image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2, side, side, 0, 0, large, large);
    const shares = areas(large, size), values = valuesOf(context.getImageData(0, 0, large, large).data);
    change({ own: resample(values, large, large, 3, shares, shares, (value) => value) });
  }
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    const address = URL.createObjectURL(file.files[0]), next = new Image();
    try {
      next.src = address;
      await next.decode();
      image = next;
      zoom.row.hidden = false;
      own(Number(zoom.input.value));
    } catch {
      living.say(`${file.files[0].name} cannot be read as a picture in this browser. Choose a PNG, a JPEG or a WebP.`);
      living.settled();
    }
    URL.revokeObjectURL(address);
  });

  const update = living.update(async (model) => {
    const alpha = alphas[state.alpha], network = Boolean(model.parts) && state.alpha === learnt && state.network;
    correction.hidden = !model.parts;
    corrects.disabled = state.alpha !== learnt;
    if (!chart) middle.append((chart = new VaeChart(model)).box);
    const face = state.own ?? living.face(widget.at[0]), code = await model.code(face, alpha, network);
    const z = state.draw ? drawnFrom(code, state.seed) : code.mean, decoded = await model.face(z, alpha, network);
    const nats = natsOf(code), db = decibels(decoded, face), sigma = Math.sqrt(model.squareOf(alpha)), mean = network ? rate : model.active(alpha).rate;
    living.paint(input.canvas, face, "the face that goes in");
    living.paint(output.canvas, decoded, `the decoded face, ${inWords(db)} dB`);
    const active = chart.show(alpha, code, z, `${model.active(alpha).active} of ${model.count} axes are above the water at σ² = ${model.squareOf(alpha).toPrecision(2)}`);
    const texts = [`${inWords(sigma, 3)} = ${Math.round(255 * sigma)}/255`, `${inWords(nats)} nats = ${inWords(nats / Math.LN2, 0)} bits`, `${active} of ${model.count}`, `${inWords(db)} dB`];
    facts.forEach((fact, n) => { fact.lastChild.textContent = texts[n]; });
    output.under.textContent = `${inWords(db)} dB`;
    input.under.textContent = state.own ? "your picture" : widget.data.along[0].labels[widget.at[0]];
    const who = network ? "Linear VAE and network" : "The best linear VAE", what = state.draw ? "a draw of its code" : "the mean of its code";
    living.say(`${who} at α = ${inThousands(alpha)}: ${active} of ${model.count} axes active, ${model.count - active} dark. This face takes ${inWords(nats)} nats (train faces: ${inWords(mean)} on average); ${what} decodes to ${inWords(db)} dB.`);
    if (!agreement.textContent) setTimeout(() => check(model).catch((error) => living.broken(error)), 500);
  });
  widget.controls.addEventListener("input", () => Object.assign(state, { own: null }) && (zoom.row.hidden = true));
  return update;
};

// One code set by hand, axis after axis.
widgets.vae_axes = (widget) => {
  const living = new LivingVae(widget), state = { axis: 0, moved: new Map() };
  let shown = null;
  const [before, after] = [living.panel("from its own code"), living.panel("from your code")];
  const change = (words) => Object.assign(state, words) && (update(), living.settled());
  const axis = living.slide("axis", { min: 1, max: vaeShared.held.axes, value: 1, text: String }, (place) => change({ axis: place - 1 }));
  const value = living.slide("z", { min: -4, max: 4, step: 0.1, value: 0, text: (z) => inWords(z) }, (z) => {
    state.moved.set(state.axis, z);
    change({});
  });
  const reset = living.button("The face's own code", () => change({ moved: new Map() }));
  const curves = ["prior", "posterior", "line"].map((name) => drawing("path", { class: name }));
  const plot = make("div", { class: "bells", role: "img" }, drawing("svg", { viewBox: "0 0 320 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...curves));
  const legend = make("div", { class: "counts" }, make("span", { class: "of-prior" }, "prior N(0, 1)"), make("span", { class: "of-posterior" }, "posterior"));
  const heights = make("span", { class: "title" }, "z from −4 to 4; both curves drawn equally high; upright line: your z");
  living.sentence = make("p", { class: "sentence" });
  widget.stage.append(make("div", { class: "row" }, before.box, make("div", { class: "middle" }, plot, legend, heights), after.box), axis.row, value.row, make("div", { class: "acts" }, reset), living.sentence);

  const bell = (mean, deviation) => // a density on -4 … 4; each curve has the same height, or a narrow one would flatten the prior
    `M${Array.from({ length: 641 }, (_, n) => `${n / 2} ${(98 - 90 * Math.exp(-0.5 * (((n - 320) / 80 - mean) / deviation) ** 2)).toFixed(2)}`).join("L")}`;
  const update = living.update(async (model) => {
    const network = Boolean(model.parts), alpha = vaeShared.alphas[vaeShared.learnt], own = await living.coded(widget.at[0], model);
    if (shown !== own) state.moved = new Map();
    shown = own;
    const z = Float32Array.from(own.mean);
    for (const [k, to] of state.moved) z[k] = to;
    const decoded = await model.face(z, alpha, network), { axis: k } = state, mean = own.mean[k], logVariance = own.logVariance[k];
    const deviation = Math.exp(logVariance / 2), nats = klOfAxis(mean, logVariance);
    value.set(z[k]);
    living.paint(before.canvas, own.face, "the face decoded from its own code");
    living.paint(after.canvas, decoded, "the face decoded from the code set by hand");
    before.under.textContent = "mean of z";
    after.under.textContent = `${state.moved.size} set by hand`;
    curves[0].setAttribute("d", bell(0, 1));
    curves[1].setAttribute("d", bell(mean, deviation));
    curves[2].setAttribute("d", `M${160 + 40 * z[k]} 0V100`);
    const largest = decoded.reduce((most, pixel, n) => Math.max(most, Math.abs(pixel - own.face[n])), 0);
    const words = `Axis ${k + 1}: the posterior of this face has mean ${inWords(mean, 2)} and standard deviation ${inWords(deviation, 2)}, ${inWords(nats, 2)} nats. `;
    plot.setAttribute("aria-label", words);
    const far = state.moved.size ? `Your code changes a pixel value by ${inWords(255 * largest, 0)}/255 at most.` : "Move z: how much changes in the face?";
    living.say(words + (nats < 0.02 ? "The posterior is the prior: a dark axis, which says nothing of the face. " : "") + far);
  });
  return update;
};

// Two people, one code.
widgets.vae_mix = (widget) => {
  const living = new LivingVae(widget), state = { way: 2, angle: 45 };
  const change = (words) => Object.assign(state, words) && (update(), living.settled());
  const way = living.choice("mix", ["sum", "mean", "variance-keeping"], 2, (place) => change({ way: place }));
  const angle = living.slide("angle θ", { max: 90, value: 45, step: 5, text: (degrees) => `${degrees}°` }, (degrees) => change({ angle: degrees }));
  const panels = [living.panel("person 1, mean of z"), living.panel("mixed"), living.panel("person 2, mean of z")];
  living.sentence = make("p", { class: "sentence" });
  const second = [...widget.controls.querySelectorAll("fieldset")].at(1), faces = [...second.querySelectorAll("label")].map((label) => {
    const canvas = widget.canvas({ "aria-hidden": "true" });
    label.lastChild.classList.add("hidden");
    label.lastChild.before(canvas);
    return canvas;
  });
  second.classList.add("faces");
  widget.stage.append(way.row, angle.row, make("div", { class: "panels" }, ...panels.map(({ box }) => box)), living.sentence);
  const update = living.update(async (model) => {
    const network = Boolean(model.parts), alpha = vaeShared.alphas[vaeShared.learnt], own = [];
    angle.input.disabled = state.way !== 2;
    faces.forEach((canvas, place) => living.paint(canvas, living.face(place)));
    for (const place of widget.at) own.push(await living.coded(place, model));
    const turn = (state.angle * Math.PI) / 180, [a, b] = [[1, 1], [0.5, 0.5], [Math.cos(turn), Math.sin(turn)]][state.way];
    const mixed = own[0].mean.map((value, k) => a * value + b * own[1].mean[k]);
    const shown = [own[0].face, await model.face(mixed, alpha, network), own[1].face];
    const square = (z) => z.reduce((sum, value) => sum + value * value, 0), names = ["person 1", "mixed", "person 2"];
    const contrasts = shown.map(contrastOf);
    panels.forEach(({ canvas, under }, n) => {
      living.paint(canvas, shown[n], `${names[n]}, contrast ${inWords(contrasts[n], 3)}`);
      under.textContent = inWords(contrasts[n], 3);
    });
    const name = ["sum", "mean", "variance-keeping mix"][state.way], average = (square(own[0].mean) + square(own[1].mean)) / 2;
    living.say(`The ${name} has a squared length of ${inWords(square(mixed), 0)}, the two codes ${inWords(average, 0)} on average; its face has a contrast (standard deviation of the luma) of ${inWords(contrasts[1], 3)}, the two faces ${inWords(contrasts[0], 3)} and ${inWords(contrasts[2], 3)}.`);
  });
  return update;
};

// A face walked along attributes that can be measured.
widgets.vae_attributes = (widget) => {
  const living = new LivingVae(widget), { names } = widget.data, steps = floatsOf(widget.data.steps), asked = names.map(() => 0);
  const sliders = names.map((name, n) => living.slide(name, { min: -3, max: 3, step: 0.25, value: 0, text: (far) => inWords(far, 2) }, (far) => {
    asked[n] = far;
    update();
    living.settled();
  }));
  const reset = living.button("The face as it is", () => {
    asked.fill(0);
    sliders.forEach(({ set }) => set(0));
    update();
    living.settled();
  });
  const [before, after] = [living.panel("from its own code"), living.panel("walked")];
  living.sentence = make("p", { class: "sentence" });
  widget.stage.append(make("div", { class: "row" }, before.box, make("div", { class: "middle" }, ...sliders.map(({ row }) => row), make("div", { class: "acts" }, reset)), after.box), living.sentence);
  const update = living.update(async (model) => {
    const network = Boolean(model.parts), alpha = vaeShared.alphas[vaeShared.learnt];
    const { mean, face } = await living.coded(widget.at[0], model);
    const z = mean.map((value, k) => asked.reduce((sum, far, n) => sum + far * steps[n * model.count + k], value));
    const length = Math.sqrt(z.reduce((sum, value, k) => sum + (value - mean[k]) ** 2, 0));
    const words = names.filter((_, n) => asked[n]).map((name) => `${inWords(asked[names.indexOf(name)], 2)} of ${name}`).join(", ");
    living.paint(before.canvas, face, "the face decoded from its own code");
    living.paint(after.canvas, await model.face(z, alpha, network), `the walked face: ${words || "nothing asked"}`);
    living.say(words ? `Asked, in standard deviations: ${words}; the code moved by ${inWords(length)}.` : "Nothing is asked yet: both faces are alike.");
  });
  return update;
};

// Faces of nobody: codes drawn from the prior.
widgets.vae_prior = (widget) => {
  const living = new LivingVae(widget), state = { seed: 1 };
  const panels = Array.from({ length: 8 }, (_, n) => living.panel(`draw ${n + 1}`));
  const again = living.button("Draw eight codes from the prior", () => {
    state.seed += 8;
    update();
    living.settled();
  });
  living.sentence = make("p", { class: "sentence" });
  widget.stage.append(make("div", { class: "panels many" }, ...panels.map(({ box }) => box)), make("div", { class: "acts" }, again), living.sentence);
  const update = living.update(async (model) => {
    const network = Boolean(model.parts), alpha = vaeShared.alphas[vaeShared.learnt], zero = new Float32Array(model.count);
    for (const [n, { canvas, under }] of panels.entries()) {
      const face = await model.face(drawnFrom({ mean: zero, logVariance: zero }, state.seed + n), alpha, network), contrast = inWords(contrastOf(face), 3);
      living.paint(canvas, face, `a face decoded from a draw of the prior, contrast ${contrast}`);
      under.textContent = contrast;
    }
    living.say(`Draws ${state.seed} to ${state.seed + 7} of N(0, 1) on each of ${model.count} axes, decoded; under each its contrast. Nothing was left out.`);
  });
  return update;
};
