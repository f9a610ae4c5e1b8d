// Widgets: figures that a reader can move. A page holds each one's pictures as one sheet and its settings as JSON; nothing is loaded,
// nothing is sent. `widgets` has a function for each name that report/widgets.py gives: it takes what all widgets have, lays its own
// elements into the stage, and gives the function that shows the present setting.
"use strict";
const widgets = {};

class Widget {
  static count = 0;

  constructor(figure) {
    this.data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    this.at = this.data.along.map((control) => control.start);
    this.name = `widget-${++Widget.count}`;
    this.still = figure.querySelector("img");
    this.status = make("p", { class: "status hidden", role: "status" });
    this.controls = make("div", { class: "controls" });
    this.stage = make("div", { class: "stage" });
    this.live = make("div", { class: "live", role: "group", "aria-label": figure.querySelector("figcaption b")?.textContent ?? this.name });
    if (this.data.how) this.live.append(make("p", { class: "how" }, this.data.how));
    this.live.append(this.controls, this.stage, this.status);
    const sliding = (slides) => this.data.along.map((control, axis) => [control, axis]).filter(([control]) => control.slides === slides);
    for (const [control, axis] of [...sliding(false), ...sliding(true)]) {
      if (control.labels.length > 1) this.controls.append(control.slides ? this.slider(control, axis) : this.choice(control, axis));
    }
    figure.querySelector(".still").after(this.live);
    this.show = widgets[this.data.widget](this);
    const { media, data, shared } = this.data.sheet; // faces that the still figure shows are taken from it
    const strips = shared ? decodeURIComponent(this.still.src).match(/data:image\/\w+;base64,[\w+/=]+/g) : [];
    const sources = [`data:${media};base64,${data}`, ...strips];
    this.sheets = sources.map(() => new Image());
    this.sheet = this.sheets[0];
    let waiting = this.sheets.length;
    for (const sheet of this.sheets) {
      sheet.onerror = () => figure.classList.add("broken"); // a browser that cannot open it shows the still figure
      sheet.onload = () => {
        if (--waiting) return;
        for (const [canvas, panel, at] of this.faces) this.draw(canvas, panel, at);
        this.show();
      };
    }
    figure.classList.add("ready");
    sources.forEach((source, place) => (this.sheets[place].src = source));
  }

  faces = []; // small ones in a choice: canvas, panel and setting

  canvas(attributes) {
    return make("canvas", { width: this.data.sheet.width, height: this.data.sheet.height, ...attributes });
  }

  slider({ name, labels, start }, axis) {
    const value = make("span", { class: "value", "aria-hidden": "true" }, labels[start]);
    const input = make("input", {
      type: "range", id: `${this.name}-${axis}`, min: 0, max: labels.length - 1, step: 1, value: start, "aria-valuetext": labels[start],
    });
    input.addEventListener("input", () => {
      value.textContent = labels[input.value];
      input.setAttribute("aria-valuetext", labels[input.value]);
      this.set(axis, Number(input.value));
    });
    return make("div", { class: "slide" }, make("label", { for: input.id }, name), input, value);
  }

  choice({ name, labels, start }, axis) {
    const faces = this.data.faces === axis, options = make("div", { class: "options" });
    labels.forEach((label, value) => {
      const input = make("input", { type: "radio", name: `${this.name}-${axis}`, checked: value === start ? "" : undefined });
      input.addEventListener("input", () => this.set(axis, value));
      const shown = [make("span", { class: faces ? "hidden" : undefined }, label)];
      if (faces) {
        shown.unshift(this.canvas({ "aria-hidden": "true" }));
        const panel = Math.max(0, this.data.panels.indexOf("target"));
        this.faces.push([shown[0], panel, this.at.map((place, other) => (other === axis ? value : place))]);
      }
      options.append(make("label", {}, input, ...shown));
    });
    return make("fieldset", { class: faces ? "choice faces" : "choice" }, make("legend", {}, name), options);
  }

  set(axis, value) {
    this.at[axis] = value;
    this.show();
    this.announce();
  }

  announce() { // to screen readers, once the hand rests
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => (this.status.textContent = this.words), 400);
  }

  setting(at = this.at) { // where a setting lies among all, the last axis fastest
    return this.data.along.reduce((place, control, axis) => place * control.labels.length + at[axis], 0);
  }

  under(panel) {
    return this.data.under ? this.data.under[this.setting() * this.data.panels.length + panel] : "";
  }

  draw(canvas, panel, at = this.at) {
    const { width, height, columns, count, shared } = this.data.sheet;
    const place = this.data.places[this.setting(at) * this.data.panels.length + panel];
    const own = [0, (place % columns) * width, Math.floor(place / columns) * height];
    const [sheet, left, top] = place < count || !shared ? own : shared[place - count];
    canvas.getContext("2d").drawImage(this.sheets[sheet], left, top, width, height, 0, 0, width, height);
  }

  panel() { // a picture with its name and what is said of it; gives the function that fills it
    const canvas = this.canvas({ class: "face", role: "img" }), title = make("span", { class: "title" }), under = make("span", { class: "under" });
    const box = make("div", { class: "panel" }, canvas, title);
    if (this.data.under) box.append(under);
    const fill = (panel) => {
      title.textContent = this.data.panels[panel];
      under.textContent = this.under(panel);
      const words = [title.textContent, under.textContent].filter(Boolean).join(": ");
      canvas.setAttribute("aria-label", words);
      if (this.sheet) this.draw(canvas, panel);
      return under.textContent && words;
    };
    return [box, fill];
  }
}

widgets.sliders = (widget) => { // all pictures of a setting side by side
  const { panels, sentences } = widget.data, boxes = panels.map(() => widget.panel()), sentence = make("p", { class: "sentence" });
  const size = panels.length < 3 ? "few" : panels.length < 5 ? "some" : panels.length === 7 ? "seven" : "many";
  widget.stage.append(make("div", { class: `panels ${size}` }, ...boxes.map(([box]) => box)));
  if (sentences) widget.stage.append(sentence);
  const show = () => {
    const words = boxes.map(([, fill], panel) => fill(panel)).filter(Boolean).join("; ");
    if (sentences) sentence.textContent = sentences[widget.setting()];
    widget.words = sentences ? sentence.textContent : words;
  };
  show();
  return show;
};

widgets.divider = (widget) => { // two of the pictures on top of each other
  const { panels, pair } = widget.data;
  const faces = ["left", "right"].map((side) => widget.canvas({ class: side === "left" ? "face" : "face over", role: "img" }));
  const cut = make("div", { class: "cut" }, ...faces);
  const slider = make("input", { type: "range", class: "divide", "aria-label": "divider", min: 0, max: 100, step: 1, value: 50 });
  const sides = ["left", "right"].map((side, place) => {
    const list = make("select", { id: `${widget.name}-${side}` }, ...panels.map((panel, value) => make("option", { value }, panel)));
    list.value = pair[place];
    list.addEventListener("change", () => {
      show();
      widget.announce();
    });
    return { side, list, under: make("span", { class: "under" }) };
  });
  const move = divider(cut, slider, (at) => `${at} % ${panels[sides[0].list.value]}, the rest ${panels[sides[1].list.value]}`);
  const show = () => {
    const words = sides.map(({ side, list, under }, place) => {
      const panel = Number(list.value);
      under.textContent = widget.under(panel);
      const name = [panels[panel], under.textContent].filter(Boolean).join(", ");
      faces[place].setAttribute("aria-label", `${side}: ${name}`);
      if (widget.sheet) widget.draw(faces[place], panel);
      return `${side} ${name}`;
    });
    widget.words = words.join("; ");
    move();
  };
  widget.stage.append(make("div", { class: "halves" }, cut, slider), make("div", { class: "sides" }, ...sides.map(({ side, list, under }) =>
    make("div", { class: "side" }, make("label", { for: list.id }, side), list, under))));
  show();
  return show;
};

widgets.plane = (widget) => { // the still figure, on whose marks lie buttons that choose what is shown beside the target
  const [[target, fillTarget], [decoded, fillDecoded]] = [widget.panel(), widget.panel()];
  const sentence = make("p", { class: "sentence" }), spots = widget.data.spots;
  const buttons = spots.map(({ at: [x, y], label }, spot) => {
    const attributes = { type: "radio", name: `${widget.name}-spot`, "aria-label": label, style: `left: ${100 * x}%; top: ${100 * y}%` };
    const button = make("input", { ...attributes, checked: spot === widget.data.start ? "" : undefined });
    button.addEventListener("input", () => choose(spot));
    return button;
  });
  const drawn = make("div", { class: "drawn", role: "radiogroup", "aria-label": "Points of the figure" }, widget.still.cloneNode(), ...buttons);
  let chosen = widget.data.start;
  const choose = (spot) => {
    if (spot === chosen) return;
    buttons[spot].checked = true;
    chosen = spot;
    show();
    widget.announce();
  };
  const show = () => {
    fillTarget(0);
    fillDecoded(chosen + 1);
    widget.words = sentence.textContent = `${spots[chosen].sentence}; this face has ${widget.under(chosen + 1)}.`;
  };
  const nearest = (event) => {
    const box = drawn.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const far = spots.map(({ at }) => Math.hypot(at[0] * box.width - x, at[1] * box.height - y));
    return far.indexOf(Math.min(...far));
  };
  drawn.addEventListener("pointermove", (event) => choose(nearest(event)));
  drawn.addEventListener("click", (event) => {
    if (!event.detail) return; // an arrow key's, which has no place
    choose(nearest(event));
    buttons[chosen].focus({ preventScroll: true });
  });
  widget.stage.append(make("div", { class: "plot" }, drawn), make("div", { class: "panels few" }, target, decoded, sentence));
  show();
  return show;
};
