// Canvases: what is drawn on them, and whether they give it back.

const find = id => document.getElementById(id);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(); // of the palette

function newCanvas(columns, rows) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  return canvas;
}

// Whether a canvas gives back what was drawn. Browsers that protect their readers from being recognised disturb some pixels, or all.
function canvasIsTrue() {
  const side = 64, drawn = new Uint8ClampedArray(side * side * 4).fill(255), context = newCanvas(side, side).getContext("2d");
  for (let n = 0; n < side * side; n++) for (let c = 0; c < 3; c++) drawn[4 * n + c] = Math.imul(n * 3 + c + 1, 0x9E3779B1) >>> 24;
  context.putImageData(new ImageData(drawn, side, side), 0, 0);
  const back = context.getImageData(0, 0, side, side).data;
  return drawn.every((value, n) => value === back[n]);
}

// A picture on white, its longer side shrunk to `longest` pixels where it is longer: {canvas, columns, rows, pixels: RGBA bytes}.
function drawnPicture(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const [columns, rows] = [image.naturalWidth, image.naturalHeight].map(length => Math.max(Math.round(length * scale), 1));
  const canvas = newCanvas(columns, rows), context = canvas.getContext("2d", {willReadFrequently: true});
  context.fillStyle = colour("sheet");
  context.fillRect(0, 0, columns, rows);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, columns, rows);
  return {canvas, columns, rows, pixels: context.getImageData(0, 0, columns, rows).data};
}

function paintBytes(id, bytes, columns, rows = columns) {
  const canvas = find(id);
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(bytes), columns, rows), 0, 0);
}

function drawFrame(canvas, picture, [left, top, side]) { // the picture, shaded around a square of it
  const scale = Math.min(1, 900 / Math.max(picture.columns, picture.rows));
  canvas.width = Math.max(Math.round(picture.columns * scale), 1);
  canvas.height = Math.max(Math.round(picture.rows * scale), 1);
  const context = canvas.getContext("2d"), line = canvas.width / 200, box = [left * scale, top * scale, side * scale, side * scale];
  context.drawImage(picture.canvas, 0, 0, canvas.width, canvas.height);
  context.fillStyle = colour("mark");
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
}

function savePicture(canvas, name) {
  canvas.toBlob(blob => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
}
