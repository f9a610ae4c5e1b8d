// The widget "chart": lines over one pair of axes that change with the settings, stacked bars below them, then pictures and a sentence.
// Every number comes from the notebook (report/widgets.py); here they are drawn, in the colours of the palette (widgets.css).

widgets.chart = (widget) => {
  const { chart, panels, sentences } = widget.data;
  const boxes = panels.map(() => widget.panel()), sentence = make("p", { class: "sentence" });
  const lines = new Drawing(250, (width, height) => drawLines(chart, widget.at, width, height), chart.ylabel);
  const bars = new Drawing(22 + 46 * chart.bars.length, (width) => drawBars(chart, widget.at, width));
  const size = panels.length < 3 ? "few" : panels.length < 5 ? "some" : panels.length === 7 ? "seven" : "many";
  const keys = (entries) => make("p", { class: "keys", "aria-hidden": "true" }, ...entries.map(([look, label]) => make("span", { class: look }, label)));
  const named = chart.lines.filter(({ label }) => label), legend = keys(named.map((line) => [style(line), line.label]));
  widget.stage.append(legend, lines.box);
  if (chart.bars.length) widget.stage.append(keys(chart.parts.map((part, place) => [`part part-${place}`, part])), bars.box);
  widget.stage.append(make("div", { class: `panels ${size}` }, ...boxes.map(([box]) => box)));
  if (sentences) widget.stage.append(sentence);
  const show = () => {
    const words = boxes.map(([, fill], panel) => fill(panel)).filter(Boolean).join("; ");
    if (sentences) sentence.textContent = sentences[widget.setting()];
    widget.words = sentences ? sentence.textContent : words;
    const seen = named.map(({ y }) => held(y, widget.at).some((value) => value !== null));
    seen.forEach((there, place) => legend.children[place].classList.toggle("absent", !there));
    lines.show(`${chart.y.label} over ${chart.x.label}: ${named.filter((_, place) => seen[place]).map(({ label }) => label).join(", ")}`);
    bars.show(spoken(chart, widget.at));
  };
  show();
  return show;
};

const style = ({ series, dashed, filled }) => `series series-${series}${dashed ? " dashed" : ""}${filled ? " filled" : ""}`;

function shape(tag, attributes, ...children) { // an element of SVG
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function held({ along, values }, at) { // the values for a setting; along an axis of length 1 there is one for all
  return values[along.reduce((place, count, axis) => place * count + (count === 1 ? 0 : at[axis]), 0)];
}

class Drawing { // an SVG that is drawn anew for every width, so that its letters stay as large as those of the page
  constructor(height, draw) {
    this.height = height;
    this.draw = draw;
    this.svg = shape("svg", { role: "img", class: "chart", height, width: "100%" });
    this.box = make("div", { class: "charted" }, this.svg);
    new ResizeObserver(() => this.paint()).observe(this.box);
  }

  paint() {
    const width = this.box.clientWidth || 600;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.svg.replaceChildren(...this.draw(width, this.height));
  }

  show(words) {
    this.svg.setAttribute("aria-label", words);
    this.paint();
  }
}

function scale({ limits: [low, high], log }, from, to) {
  const [first, last, by] = log ? [Math.log(low), Math.log(high), Math.log] : [low, high, (value) => value];
  return (value) => from + (to - from) * ((by(value) - first) / (last - first));
}

function drawLines(chart, at, width, height) {
  const [left, right, top, bottom] = [52, width - 10, 14, height - 38];
  const x = scale(chart.x, left, right), y = scale(chart.y, bottom, top), parts = [];
  const fits = chart.x.ticks.filter((_, place) => width > 480 || place % 2 === 0 || chart.x.ticks.length < 7);
  for (const [value, text] of fits) {
    parts.push(shape("line", { class: "rule", x1: x(value), x2: x(value), y1: top, y2: bottom }));
    parts.push(shape("text", { x: x(value), y: bottom + 15, "text-anchor": "middle" }, text));
  }
  for (const [value, text] of chart.y.ticks) {
    parts.push(shape("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) }));
    parts.push(shape("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, text));
  }
  parts.push(shape("path", { class: "frame", d: `M${left},${top}V${bottom}H${right}` }));
  parts.push(shape("text", { class: "label", x: (left + right) / 2, y: height - 5, "text-anchor": "middle" }, chart.x.label));
  parts.push(shape("text", { class: "label", transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, chart.y.label));
  const box = { x: left, y: top, width: right - left, height: bottom - top }; // what leaves it is cut off
  const drawn = shape("svg", { ...box, viewBox: `${left} ${top} ${box.width} ${box.height}` });
  parts.push(drawn);
  for (const line of chart.lines) {
    const values = held(line.y, at), there = line.x.map((across, place) => [across, values[place] ?? null]).filter(([, up]) => up !== null);
    if (!there.length) continue;
    const path = there.map(([across, up]) => `${x(across).toFixed(1)},${Math.max(y(up), top - 99).toFixed(1)}`).join("L");
    const closed = line.filled ? `M${x(there[0][0])},${bottom}L${path}L${x(there.at(-1)[0])},${bottom}Z` : `M${path}`;
    drawn.append(shape("path", { class: style(line), d: closed }));
  }
  for (const { label, x: places } of chart.marks) {
    const [place] = held(places, at);
    if (place === null) continue;
    const late = x(place) > right - 90;
    parts.push(shape("line", { class: "mark", x1: x(place), x2: x(place), y1: top - 10, y2: bottom }));
    parts.push(shape("text", { class: "label", x: x(place) + (late ? -4 : 4), y: top - 3, "text-anchor": late ? "end" : "start" }, label));
  }
  for (const { label, at: places } of chart.dots) {
    const [across, up] = held(places, at), late = x(across) > right - 60, early = x(across) < left + 60;
    parts.push(shape("circle", { class: "dot", cx: x(across), cy: y(up), r: 5 }));
    const anchor = late ? "end" : early ? "start" : "middle";
    parts.push(shape("text", { x: x(across), y: y(up) - 10, "text-anchor": anchor }, label));
  }
  return parts;
}

function drawBars(chart, at, width) {
  const rows = chart.bars.map((bar) => bar.parts.map((part) => held(part, at)[0])), parts = [];
  const sum = (row) => row.reduce((total, value) => total + value, 0), longest = Math.max(...rows.map(sum));
  const room = width - 8, across = (value) => (value / longest) * room;
  rows.forEach((row, place) => {
    const top = 46 * place, bar = chart.bars[place];
    const total = bar.total ? held(bar.total, at)[0] : sum(row).toPrecision(3);
    parts.push(shape("text", { x: 0, y: top + 13 }, bar.label, shape("tspan", { class: "total", dx: 8 }, total)));
    let left = 0;
    row.forEach((value, part) => {
      const wide = across(value);
      parts.push(shape("rect", { class: `part-${part}`, x: left, y: top + 18, width: Math.max(wide - 1, 0), height: 20 }));
      if (wide > 46) parts.push(shape("text", { class: `on-${part}`, x: left + wide / 2, y: top + 32, "text-anchor": "middle" }, value.toPrecision(3)));
      left += wide;
    });
  });
  parts.push(shape("text", { class: "label", x: 0, y: 46 * rows.length + 14 }, chart.unit));
  return parts;
}

function spoken(chart, at) { // the bars in words
  return chart.bars.map((bar) => {
    const parts = bar.parts.map((part, place) => `${chart.parts[place]} ${held(part, at)[0].toPrecision(3)}`);
    return `${bar.label}: ${[...parts, ...(bar.total ? [held(bar.total, at)[0]] : [])].join(", ")}`;
  }).join("; ");
}
