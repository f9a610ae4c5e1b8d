"use strict";
// The page: takes a picture, shows the frame, asks the engine, shows what comes back.

const ownPicture = (() => {
  const find = id => document.getElementById(id), settings = JSON.parse(find("settings").textContent);
  const MOST = 4096; // pixels of a picture's shorter side; browsers on phones hold no larger canvas
  const {usual} = settings, share = usual / 100; // of the shorter side, that the crop of LFW keeps
  const sliders = ["size", "across", "down", "sigma"].map(find), shown = {picture: null, face: null, seed: 0, stem: "", turn: 0};
  let ask = null;

  function say(words, wrong = false) {
    find("status").textContent = words;
    find("status").classList.toggle("wrong", wrong);
  }

  // ---- the engine, in a worker or here

  function inWorker() {
    const code = new Blob([find("engine").textContent], {type: "text/javascript"});
    const worker = new Worker(URL.createObjectURL(code)), waiting = new Map();
    let count = 0;
    worker.onmessage = ({data}) => {
      const {resolve, reject} = waiting.get(data.number);
      waiting.delete(data.number);
      if (data.error === undefined) resolve(data.result); else reject(new Error(data.error));
    };
    worker.onerror = event => { // it could not be started at all
      event.preventDefault();
      for (const {reject} of waiting.values()) reject(new Error("no worker"));
      waiting.clear();
    };
    return (job, given, moved = []) => new Promise((resolve, reject) => {
      waiting.set(++count, {resolve, reject});
      worker.postMessage({number: count, job, given}, moved);
    });
  }

  async function here(job, given) { // after the browser has drawn what changed
    await new Promise(resolve => setTimeout(resolve, 20));
    return engine[job](given);
  }

  async function open() {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the networks; one of 2023 or later can.");
    }
    const texts = {}, given = {settings, texts};
    for (const name of Object.keys(settings.networks)) texts[name] = find(`weights-${name}`).textContent;
    try {
      ask = inWorker();
      await ask("open", given);
    } catch { // some browsers allow no worker to a page that was opened from disk
      ask = here;
      await ask("open", given);
    }
    const differences = {};
    for (const name of Object.keys(settings.networks)) differences[name] = await ask("check", {name});
    showAgreement(Math.max(...Object.values(differences)));
    return differences;
  }

  function showAgreement(largest) {
    const steps = largest * 255, right = steps <= 1;
    find("agreement").textContent = right
      ? `Compared a moment ago in your browser, on a drawn face: no output differs from TensorFlow's by more than ${steps < 0.01 ? "0.01" : steps.toFixed(2)}/255 in any pixel.`
      : `Compared a moment ago in your browser, on a drawn face: outputs differ from TensorFlow's by up to ${steps.toFixed(1)}/255. Do not trust what this page shows.`;
    if (!right) find("agreement").className = "banner";
  }

  // ---- the picture and the frame

  async function take(source, name) { // a file, or the address of a drawn face
    const address = typeof source === "string" ? source : URL.createObjectURL(source), image = new Image(), turn = ++shown.turn;
    try {
      image.src = address;
      await image.decode();
      if (!image.naturalWidth || !image.naturalHeight) throw new Error("no size");
    } catch {
      if (turn === shown.turn) say(`${name} cannot be read as a picture in this browser. Choose a PNG, a JPEG or a WebP.`, true);
      return;
    } finally {
      if (typeof source !== "string") URL.revokeObjectURL(address);
    }
    if (turn !== shown.turn) return; // another one was chosen meanwhile
    const scale = Math.min(1, MOST / Math.min(image.naturalWidth, image.naturalHeight));
    shown.picture = {image, columns: Math.round(image.naturalWidth * scale), rows: Math.round(image.naturalHeight * scale)};
    shown.stem = name.replace(/\.[^.]*$/, "");
    find("work").hidden = false;
    toMiddle();
    say(`${name}: working …`);
    if (await refresh("frame") && turn === shown.turn) say(`${name}, ${shown.picture.columns} × ${shown.picture.rows} pixels: denoised and coloured below, in this browser.`);
  }

  function toMiddle() {
    find("size").value = usual;
    find("across").value = find("down").value = 50;
    showSliders();
    refresh("frame");
  }

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(); // of the palette

  function square() { // as LFW's pictures are: the frame with what is cut off around it; may reach beyond the picture
    const {columns, rows} = shown.picture, percent = Number(find("size").value);
    const side = Math.min(columns, rows) * (percent / usual), inner = side * share, margin = side * settings.crop / settings.width;
    const left = (columns - inner) * find("across").value / 100 - margin, top = (rows - inner) * find("down").value / 100 - margin;
    return {left, top, side, inner, margin};
  }

  function ownSquare() { // the frame in whole pixels
    const {columns, rows} = shown.picture, {left, top, side} = square(), whole = Math.max(Math.round(side), 1);
    const margin = Math.min(Math.round(whole * settings.crop / settings.width), (whole - 1) >> 1);
    const inner = Math.min(whole - 2 * margin, columns, rows), inside = (at, most) => Math.min(Math.max(at, 0), most);
    return {
      left: inside(Math.floor(left + 1e-6) + margin, columns - inner), top: inside(Math.floor(top + 1e-6) + margin, rows - inner), side: inner,
    };
  }

  function pixelsOf(left, top, columns, rows) { // RGBA bytes of a part of the picture, on white
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.fillStyle = colour("sheet");
    context.fillRect(0, 0, columns, rows);
    context.drawImage(shown.picture.image, -left, -top, shown.picture.columns, shown.picture.rows);
    return context.getImageData(0, 0, columns, rows).data;
  }

  function drawWhole() {
    const {image, columns, rows} = shown.picture, scale = Math.min(1, 900 / Math.max(columns, rows)), canvas = find("whole");
    canvas.width = Math.max(Math.round(columns * scale), 1);
    canvas.height = Math.max(Math.round(rows * scale), 1);
    const context = canvas.getContext("2d"), {left, top, inner, margin} = square(), line = canvas.width / 200;
    const box = [(left + margin) * scale, (top + margin) * scale, inner * scale, inner * scale];
    context.fillStyle = colour("sheet");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    context.fillStyle = colour("mark"); // all around the frame
    context.globalAlpha = 0.45;
    context.beginPath();
    context.rect(0, 0, canvas.width, canvas.height);
    context.rect(...box);
    context.fill("evenodd");
    context.globalAlpha = 1;
    for (const [name, width] of [["mark", 2.4 * line], ["sheet", line]]) {
      context.strokeStyle = colour(name);
      context.lineWidth = width;
      context.strokeRect(...box);
    }
    find("across").disabled = columns - inner < 1;
    find("down").disabled = rows - inner < 1;
  }

  // ---- what is computed: one thing at a time, and of several wishes for the same thing the last one

  const wanted = new Set();
  let working = null;

  function refresh(what) {
    wanted.add(what);
    working ??= (async () => {
      try {
        await ready;
        while (wanted.size) {
          const next = ["frame", "noise", "colour"].find(job => wanted.has(job));
          wanted.delete(next);
          await {frame: newFrame, noise: newNoise, colour: newColours}[next]();
        }
        return true;
      } catch (error) {
        wanted.clear();
        say(`That did not work: ${error.message}`, true);
        return false;
      } finally {
        working = null;
      }
    })();
    return working;
  }

  async function newFrame() {
    const {picture} = shown, around = square(), reach = Math.ceil(3 * Math.max(around.side / settings.width, 1)) + 2;
    drawWhole();
    const span = (start, most) => {
      const low = Math.max(Math.floor(start + around.margin - reach), 0);
      return [low, Math.min(Math.ceil(start + around.margin + around.inner + reach), most) - low];
    };
    const [left, columns] = span(around.left, picture.columns), [top, rows] = span(around.top, picture.rows);
    const part = {data: pixelsOf(left, top, columns, rows), left, top, columns, rows};
    const given = {part, picture: {columns: picture.columns, rows: picture.rows}, square: around};
    shown.face = await ask("frame", given, [part.data.buffer]);
    paint("face", shown.face);
    wanted.add("noise").add("colour");
  }

  async function newNoise() {
    const sigma = Number(find("sigma").value), result = await ask("denoise", {face: shown.face, sigma, seed: shown.seed});
    paint("denoise-before", result.noisy);
    paint("denoise-after", result.denoised);
    find("read").textContent = result.read.toFixed(3);
    find("psnr-before").textContent = sigma ? `${result.before.toFixed(1)} dB` : "–";
    find("psnr-after").textContent = sigma ? `${result.after.toFixed(1)} dB` : "–";
    find("denoise-time").textContent = `${Math.round(result.milliseconds)} ms`;
  }

  async function newColours() {
    const {left, top, side} = ownSquare(), pixels = pixelsOf(left, top, side, side);
    paintBytes("own", pixels, side);
    const result = await ask("colour", {face: shown.face, pixels, side}, [pixels.buffer]);
    paintBytes("colour-before", result.grey, side);
    paintBytes("colour-after", result.coloured, side);
    find("pixels").textContent = `${side} × ${side}`;
    find("colour-time").textContent = `${Math.round(result.milliseconds)} ms`;
  }

  function paintBytes(id, bytes, side) {
    const canvas = find(id);
    canvas.width = canvas.height = side;
    canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(bytes), side, side), 0, 0);
  }

  function paint(id, face) { // floats in [0, 1]; what lies outside is clipped, as a screen does
    const side = Math.sqrt(face.length / 3), bytes = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let n = 0; n < side * side; n++) for (let c = 0; c < 3; c++) bytes[4 * n + c] = Math.floor(face[3 * n + c] * 255 + 0.5);
    paintBytes(id, bytes, side);
  }

  // ---- what the reader does

  function showSliders() {
    for (const slider of sliders) {
      const words = slider.id === "sigma" ? Number(slider.value).toFixed(2) : `${Math.round(slider.value)} %`;
      find(`${slider.id}-value`).textContent = words;
      slider.setAttribute("aria-valuetext", words);
    }
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      showSliders();
      if (shown.picture) refresh(slider.id === "sigma" ? "noise" : "frame");
    });
  }
  find("middle").addEventListener("click", toMiddle);
  find("again").addEventListener("click", () => {
    shown.seed += 1;
    refresh("noise");
  });

  find("file").addEventListener("change", event => {
    const [file] = event.target.files;
    if (file) take(file, file.name);
  });
  for (const button of document.querySelectorAll(".examples button")) {
    button.addEventListener("click", () => take(button.querySelector("img").src, button.dataset.name));
  }
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, event => {
      event.preventDefault();
      document.body.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") takeFrom(event.dataTransfer);
    });
  }
  document.addEventListener("paste", event => {
    if (event.clipboardData.files.length) takeFrom(event.clipboardData);
  });

  function takeFrom(data) {
    if (data.files.length) take(data.files[0], data.files[0].name || "picture");
    else say("That was no picture file. Save the picture first, then drop the file.", true);
  }

  for (const cut of document.querySelectorAll(".cut")) {
    const slider = cut.parentNode.querySelector("input");
    divider(cut, slider, (at) => `${at} % ${slider.dataset.words}`);
  }
  dragging(find("whole"), (across, down) => {
    const {columns, rows} = shown.picture, {inner} = square();
    const place = (at, pixels) => pixels - inner < 1 ? 50 : 100 * Math.min(Math.max((at * pixels - inner / 2) / (pixels - inner), 0), 1);
    find("across").value = place(across, columns);
    find("down").value = place(down, rows);
    showSliders();
    refresh("frame");
  });

  for (const [id, task] of [["denoise", "denoising"], ["colour", "colourisation"]]) {
    find(`${id}-save`).addEventListener("click", () => find(`${id}-after`).toBlob(blob => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${shown.stem}-${task}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }));
  }

  const ready = open();
  ready.then(() => say("The networks are ready."), error => say(`The networks cannot run here: ${error.message}`, true));
  return {ready, refresh, ask: (...job) => ask(...job)};
})();
