// Figures to play with. The page holds each one's pictures as one sheet, and its settings as JSON; nothing is loaded, nothing is sent.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  class Play {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
      this.at = this.data.along.map((each) => each.start);
      this.last = -1;
      this.sheet = new Image();
      this.sheet.onerror = () => root.classList.add("broken"); // a browser that cannot open it shows the still figure
      this.sheet.onload = () => this.begin();
      this.sheet.src = `data:${this.data.sheet.media};base64,${this.data.sheet.data}`;
    }

    begin() {
      for (const canvas of this.root.querySelectorAll("canvas")) {
        canvas.width = this.data.sheet.width;
        canvas.height = this.data.sheet.height;
      }
      for (const canvas of this.root.querySelectorAll("[data-face]")) {
        const at = this.at.slice();
        at[this.data.faces] = Number(canvas.dataset.face);
        this.draw(canvas, Math.max(0, this.data.panels.indexOf("target")), at);
      }
      this.root.addEventListener("input", (event) => {
        const control = event.target.closest("[data-along]");
        if (control) this.set(Number(control.dataset.along), Number(control.value), control);
      });
      const views = { divider: divide, plane: plot };
      this.show = (views[this.data.view] || row)(this);
      this.show();
    }

    set(index, value, control) {
      this.at[index] = value;
      const label = this.data.along[index].labels[value];
      if (control.type === "range") {
        control.setAttribute("aria-valuetext", label);
        control.parentNode.querySelector(".value").textContent = label;
      }
      this.show();
      this.say();
    }

    // where a setting lies among all, the last axis fastest
    setting(at = this.at) {
      return this.data.along.reduce((place, each, index) => place * each.labels.length + at[index], 0);
    }

    under(panel) {
      return this.data.under ? this.data.under[this.setting() * this.data.panels.length + panel] : "";
    }

    draw(canvas, panel, at = this.at) {
      const { width, height, columns } = this.data.sheet;
      const place = this.data.places[this.setting(at) * this.data.panels.length + panel];
      const left = (place % columns) * width;
      const top = Math.floor(place / columns) * height;
      canvas.getContext("2d").drawImage(this.sheet, left, top, width, height, 0, 0, width, height);
    }

    // one panel: its picture, its name, and what is told of it
    fill(box, panel) {
      const [name, under] = [this.data.panels[panel], this.under(panel)];
      const canvas = box.querySelector("canvas");
      this.draw(canvas, panel);
      canvas.setAttribute("aria-label", under ? `${name}: ${under}` : name);
      box.querySelector(".title").textContent = name;
      if (this.data.under) box.querySelector(".under").textContent = under;
      return under ? `${name}: ${under}` : "";
    }

    // for screen readers, once the hand rests
    say() {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => (this.root.querySelector(".said").textContent = this.told), 400);
    }
  }

  function row(play) {
    const boxes = [...play.root.querySelectorAll(".panel")];
    const sentence = play.root.querySelector(".sentence");
    return () => {
      const told = boxes.map((box, panel) => play.fill(box, panel)).filter(Boolean);
      if (sentence) sentence.textContent = play.data.sentences[play.setting()];
      play.told = sentence ? sentence.textContent : told.join("; ");
    };
  }

  function divide(play) {
    const stage = play.root.querySelector(".stage");
    const faces = [...stage.querySelectorAll("canvas")];
    const slider = play.root.querySelector(".divide");
    const lists = [...play.root.querySelectorAll("[data-side]")];
    const move = () => {
      stage.style.setProperty("--at", `${slider.value}%`);
      slider.setAttribute("aria-valuetext", `${slider.value} % ${play.data.panels[lists[0].value]}, the rest ${play.data.panels[lists[1].value]}`);
    };
    const drag = (event) => {
      const box = stage.getBoundingClientRect();
      slider.value = Math.round(clamp((event.clientX - box.left) / box.width, 0, 1) * 100);
      move();
    };
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      stage.setPointerCapture(event.pointerId);
      drag(event);
    });
    stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && drag(event));
    slider.addEventListener("input", move);
    const show = () => {
      const told = lists.map((list, side) => {
        const panel = Number(list.value);
        const under = play.under(panel);
        play.draw(faces[side], panel);
        faces[side].setAttribute("aria-label", `${side ? "right" : "left"}: ${play.data.panels[panel]}${under && `, ${under}`}`);
        list.parentNode.querySelector(".under").textContent = under;
        return `${play.data.panels[panel]}${under && ` ${under}`}`;
      });
      play.told = `left ${told[0]}; right ${told[1]}`;
      move();
    };
    for (const list of lists) {
      list.addEventListener("change", () => {
        show();
        play.say();
      });
    }
    return show;
  }

  function plot(play) {
    const frame = play.root.querySelector(".plot");
    const [target, decoded] = play.root.querySelectorAll(".panel");
    const sentence = play.root.querySelector(".sentence");
    const points = [];
    for (const series of play.data.series) {
      series.places.forEach(([x, y], nth) => {
        points.push({ series, x, y, panel: points.length + 1, hollow: !series.line && nth === 1 });
      });
    }
    let chosen = points.findIndex((point) => !point.series.line);
    if (chosen < 0) chosen = 0;

    const choose = (index, focus) => {
      if (index !== chosen) {
        chosen = index;
        show();
        play.say();
      }
      if (focus) points[chosen].node.focus({ preventScroll: true });
    };
    const show = () => {
      const point = points[chosen];
      points.forEach((each, index) => {
        each.node.setAttribute("aria-checked", index === chosen);
        each.node.setAttribute("tabindex", index === chosen ? 0 : -1);
      });
      play.fill(target, 0);
      play.fill(decoded, point.panel);
      const nats = Math.round(point.x);
      sentence.textContent =
        `${play.data.panels[point.panel]}: ${point.y.toFixed(2)} dB at ${nats} nats (${Math.round(point.x / Math.log(256))} bytes), ` +
        `a mean over held-out pictures; this face has ${play.under(point.panel)}.`;
      play.told = sentence.textContent;
    };

    const make = (name, attributes, parent, text) => {
      const node = document.createElementNS(SVG, name);
      for (const key in attributes) node.setAttribute(key, attributes[key]);
      if (text !== undefined) node.textContent = text;
      return parent.appendChild(node);
    };
    const lay = () => {
      const focused = frame.contains(document.activeElement);
      const [width, height] = [frame.clientWidth, frame.clientHeight];
      const box = { left: 34, right: width - 12, top: 12, bottom: height - 40 };
      const [xs, ys] = [points.map((each) => Math.log2(each.x)), points.map((each) => each.y)];
      const bounds = (values, pad) => [Math.min(...values) - pad, Math.max(...values) + pad];
      const [[x0, x1], [y0, y1]] = [bounds(xs, 0.25), bounds(ys, 0.6)];
      const across = (x) => box.left + ((Math.log2(x) - x0) / (x1 - x0)) * (box.right - box.left);
      const down = (y) => box.bottom - ((y - y0) / (y1 - y0)) * (box.bottom - box.top);
      const svg = document.createElementNS(SVG, "svg");
      for (const [key, value] of [["width", width], ["height", height], ["role", "radiogroup"], ["aria-label", "Points of the plane of rate and distortion"]]) {
        svg.setAttribute(key, value);
      }
      const back = make("g", { "aria-hidden": "true" }, svg);
      for (let power = Math.ceil(x0); power <= x1; power++) {
        const x = across(2 ** power);
        make("path", { class: "grid", d: `M${x} ${box.top}V${box.bottom}` }, back);
        make("text", { x, y: box.bottom + 16, "text-anchor": "middle" }, back, 2 ** power);
      }
      const step = y1 - y0 > 14 ? 5 : 2;
      for (let y = Math.ceil(y0 / step) * step; y <= y1; y += step) {
        make("path", { class: "grid", d: `M${box.left} ${down(y)}H${box.right}` }, back);
        make("text", { x: box.left - 6, y: down(y) + 4, "text-anchor": "end" }, back, y);
      }
      make("text", { class: "heading", x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle" }, back, "rate, nats");
      make("text", { class: "heading", x: box.left + 4, y: box.top + 10 }, back, "PSNR, dB");
      if (play.data.marked) {
        const x = across(play.data.marked[0]);
        make("path", { class: "rule", d: `M${x} ${box.top}V${box.bottom}` }, back);
        make("text", { x: x + 4, y: box.bottom - 6 }, back, play.data.marked[1]);
      }
      for (const series of play.data.series.filter((each) => each.line)) {
        const path = series.places.map(([x, y]) => `${across(x)} ${down(y)}`).join("L");
        make("path", { class: `curve ${series.look}`, d: `M${path}` }, back);
      }
      points.forEach((point) => {
        const label = `${play.data.panels[point.panel]}, ${Math.round(point.x)} nats, ${point.y.toFixed(1)} dB`;
        const look = `${point.series.look}${point.hollow ? " hollow" : ""}`;
        [point.left, point.top] = [across(point.x), down(point.y)];
        point.node = make("g", { role: "radio", class: look, transform: `translate(${point.left} ${point.top})`, "aria-label": label }, svg);
        make("circle", { class: "ring", r: 10 }, point.node);
        make("path", { class: "mark", d: point.series.mark }, point.node);
      });
      frame.replaceChildren(svg);
      show();
      if (focused) points[chosen].node.focus({ preventScroll: true });
    };

    const nearest = (event) => {
      const box = frame.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const far = points.map((point) => Math.hypot(point.left - x, point.top - y));
      return far.indexOf(Math.min(...far));
    };
    frame.addEventListener("pointermove", (event) => choose(nearest(event)));
    frame.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // no text is selected; the focus is set here
      choose(nearest(event), true);
    });
    frame.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      const ends = { Home: 0, End: points.length - 1 };
      if (event.key in steps) choose((chosen + steps[event.key] + points.length) % points.length, true);
      else if (event.key in ends) choose(ends[event.key], true);
      else return;
      event.preventDefault();
    });
    let width = frame.clientWidth;
    lay();
    new ResizeObserver(() => {
      if (frame.clientWidth && frame.clientWidth !== width) {
        width = frame.clientWidth;
        lay();
      }
    }).observe(frame);
    return show;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll("figure.play")) new Play(root);
  });
})();
