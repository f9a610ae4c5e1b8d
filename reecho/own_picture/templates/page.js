// The page: takes a picture, shows it and the frame on it, asks the engine, shows what comes back.

const ownPicture = (() => {
  const settings = JSON.parse(find("settings").textContent), {usual} = settings, share = usual / 100; // of the shorter side, that the crop of LFW keeps
  const READING = 0.08; // of the work on a picture, that reading the noise off is
  const words = {strength: value => `× ${value.toFixed(2)}`, sigma: value => value.toFixed(2)}; // of sliders; of the others per cent
  const sliders = ["strength", "sigma", "size", "across", "down"].map(find);
  const shown = {picture: null, face: null, seed: 0, stem: "", turn: 0, milliseconds: 0};
  let ask = null;

  function say(text, wrong = false) {
    find("status").textContent = text;
    find("status").classList.toggle("wrong", wrong);
  }

  async function open() {
    find("disturbed").hidden = canvasIsTrue();
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser is too old to unpack the networks; one of 2023 or later can.");
    }
    const texts = {}, names = Object.keys(settings.networks), given = {settings, texts};
    for (const name of names) texts[name] = find(`weights-${name}`).textContent;
    try {
      ask = askingWorker(find("engine").textContent);
      find("slow").hidden = await ask("open", given);
    } catch { // some browsers allow no worker to a page that was opened from disk
      ask = askingHere;
      find("slow").hidden = await ask("open", given);
    }
    const differences = {};
    for (const name of names) differences[name] = await ask("check", {name});
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

  // ---- the picture

  async function take(source, name, sigma = 0) { // a file, or the address of a drawn face
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
    shown.picture = drawnPicture(image, settings.longer);
    shown.stem = name.replace(/\.[^.]*$/, "");
    find("work").hidden = false;
    find("sigma").value = sigma;
    find("strength").value = 1;
    if (sigma) find("test").open = true;
    const {columns, rows, pixels} = shown.picture, shrunk = columns !== image.naturalWidth;
    for (const id of ["denoise-before", "denoise-after"]) paintBytes(id, pixels, columns, rows); // until more is known
    const title = `${name}, ${columns} × ${rows} pixels${shrunk ? ` (shrunk from ${image.naturalWidth} × ${image.naturalHeight})` : ""}`;
    say(`${title}: working …`);
    const both = [noise("read"), toMiddle()];
    if ((await Promise.all(both)).every(Boolean) && turn === shown.turn) say(`${title}: denoised and coloured below, in this browser.`);
  }

  const failed = error => say(`That did not work: ${error.message}`, true);

  // ---- its noise

  const noise = lane({read: readNoise, remove: removeNoise}, true, failed);

  function showProgress(part) { // null: nothing is at work
    find("denoise-busy").classList.toggle("idle", part === null);
    find("denoise-progress").value = part ?? 1;
    find("denoise-figure").setAttribute("aria-busy", String(part !== null));
  }

  async function readNoise(signal) {
    await ready;
    const sigma = Number(find("sigma").value), {pixels, columns, rows} = shown.picture;
    showProgress(0);
    const given = {pixels, columns, rows, sigma, seed: shown.seed};
    const result = await ask("read", given, {signal, progress: part => showProgress(READING * part)});
    paintBytes("denoise-before", result.noisy, columns, rows);
    find("before-words").textContent = sigma ? "with noise" : "your picture";
    find("read").textContent = `${result.read.toFixed(3)}, ${(255 * result.read).toFixed(1)} of 255`;
    find("psnr-before").textContent = sigma ? `${result.before.toFixed(1)} dB` : "–";
    shown.milliseconds = result.milliseconds;
    noise("remove");
  }

  async function removeNoise(signal) {
    const {columns, rows} = shown.picture, strength = Number(find("strength").value), sigma = Number(find("sigma").value);
    showProgress(READING);
    const result = await ask("remove", {strength}, {signal, progress: part => showProgress(READING + (1 - READING) * part)});
    paintBytes("denoise-after", result.denoised, columns, rows);
    find("psnr-after").textContent = sigma ? `${result.after.toFixed(1)} dB` : "–";
    find("denoise-pixels").textContent = `${columns} × ${rows}`;
    find("denoise-time").textContent = `${((shown.milliseconds + result.milliseconds) / 1000).toFixed(1)} s`;
    showProgress(null);
  }

  // ---- the face in the frame, and its colours

  const colours = lane({frame: newFrame, colour: newColours}, false, failed);

  function toMiddle() {
    find("size").value = usual;
    find("across").value = find("down").value = 50;
    showSliders();
    return colours("frame");
  }

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
    const [across, down] = [left, top].map(start => Math.floor(start + 1e-6) + margin);
    return {left: inside(across, columns - inner), top: inside(down, rows - inner), side: inner, square: side};
  }

  function pixelsOf(left, top, columns, rows) { // RGBA bytes of a part of the picture
    return shown.picture.canvas.getContext("2d").getImageData(left, top, columns, rows).data;
  }

  async function newFrame() {
    await ready;
    const {picture} = shown, around = square(), reach = Math.ceil(3 * Math.max(around.side / settings.width, 1)) + 2;
    drawFrame(find("whole"), picture, [around.left + around.margin, around.top + around.margin, around.inner]);
    find("across").disabled = picture.columns - around.inner < 1;
    find("down").disabled = picture.rows - around.inner < 1;
    const span = (start, most) => {
      const low = Math.max(Math.floor(start + around.margin - reach), 0);
      return [low, Math.min(Math.ceil(start + around.margin + around.inner + reach), most) - low];
    };
    const [left, columns] = span(around.left, picture.columns), [top, rows] = span(around.top, picture.rows);
    const part = {data: pixelsOf(left, top, columns, rows), left, top, columns, rows};
    const given = {part, picture: {columns: picture.columns, rows: picture.rows}, square: around};
    shown.face = await ask("frame", given, {moved: [part.data.buffer]});
    paintBytes("face", bytesFrom(greyOf(shown.face)), Math.sqrt(shown.face.length / 3));
    colours("colour");
  }

  async function newColours() {
    const {pixels, columns, rows} = shown.picture;
    const result = await ask("colour", {face: shown.face, pixels, columns, rows, frame: ownSquare()});
    paintBytes("colour-before", result.grey, columns, rows);
    paintBytes("colour-after", result.coloured, columns, rows);
    find("pixels").textContent = `${columns} × ${rows}`;
    find("colour-time").textContent = `${Math.round(result.milliseconds)} ms`;
  }

  // ---- what the reader does

  function showSliders() {
    for (const slider of sliders) {
      const text = (words[slider.id] ?? (value => `${Math.round(value)} %`))(Number(slider.value));
      find(`${slider.id}-value`).textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      showSliders();
      if (shown.picture && !words[slider.id]) colours("frame");
    });
    if (!words[slider.id]) continue;
    slider.addEventListener("change", () => { // once it is let go
      if (shown.picture) noise(slider.id === "sigma" ? "read" : "remove");
    });
  }
  find("middle").addEventListener("click", toMiddle);
  find("again").addEventListener("click", () => {
    shown.seed += 1;
    noise("read");
  });

  find("file").addEventListener("change", event => {
    const [file] = event.target.files;
    if (file) take(file, file.name);
  });
  for (const button of document.querySelectorAll(".examples button")) {
    button.addEventListener("click", () => take(button.querySelector("img").src, button.dataset.name, 0.1));
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
    colours("frame");
  });
  for (const [id, task] of [["denoise", "denoising"], ["colour", "colourisation"]]) {
    find(`${id}-save`).addEventListener("click", () => savePicture(find(`${id}-after`), `${shown.stem}-${task}.png`));
  }

  const ready = open();
  ready.then(() => shown.picture || say("The networks are ready."), error => say(`The networks cannot run here: ${error.message}`, true));
  return {ready, idle: () => Promise.all([noise(), colours()]), ask: (...job) => ask(...job)};
})();
