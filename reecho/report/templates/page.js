// What a page does beside being read: contents that follow, code shown for all cells, figures enlarged. Without it all is there to read.
"use strict";
(() => {
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 68rem)"); // as in page.css: the contents stand beside the text
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  function made(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // The reports' strip scrolls inside itself where it is too long for the window; the present report is brought into view.
  function strip() {
    const present = document.querySelector(".strip [aria-current]");
    if (!present) return;
    const list = present.closest("ol"), place = present.parentElement;
    list.scrollLeft = place.offsetLeft - list.offsetLeft - (list.clientWidth - place.offsetWidth) / 2;
  }

  // Contents: beside the text, or on small windows a line at the top that unfolds. The section that is read is marked.
  function contents() {
    const nav = document.querySelector(".contents"), folded = nav && nav.querySelector("details");
    if (!folded) return;
    const links = new Map(all("a", folded).map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
    const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    const here = nav.querySelector(".here"), end = document.querySelector("main").appendChild(made("div", { className: "end" }));
    let marked = null, ended = false;

    const fit = () => { folded.open = wide.matches; };
    fit();
    wide.addEventListener("change", fit);
    const close = () => { if (!wide.matches) folded.open = false; };
    folded.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
    document.addEventListener("click", (event) => { if (!nav.contains(event.target)) close(); });
    nav.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || wide.matches || !folded.open) return;
      close();
      folded.querySelector("summary").focus();
    });

    function mark() {
      const line = 0.2 * innerHeight + 1;
      let read = headings.filter((heading) => heading.getBoundingClientRect().top <= line).pop() || headings[0];
      if (ended) read = headings.at(-1); // the last sections never reach the line
      const asked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const top = headings.includes(asked) ? asked.getBoundingClientRect().top : -1;
      if (top >= 0 && (ended || top <= line)) read = asked; // several may be in sight: the one that was asked for
      const link = links.get(read.id);
      if (link === marked) return;
      if (marked) marked.removeAttribute("aria-current");
      link.setAttribute("aria-current", "location");
      marked = link;
      here.textContent = link.textContent;
      const above = nav.getBoundingClientRect().top - link.getBoundingClientRect().top;
      const below = link.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
      if (wide.matches && (above > 0 || below > 0)) nav.scrollTop += above > 0 ? -above - 20 : below + 20;
    }
    // all above the line counts as seen, so that a jump over many sections is noticed too
    const watcher = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -80% 0px" });
    headings.forEach((heading) => watcher.observe(heading));
    new IntersectionObserver(([entry]) => { ended = entry.isIntersecting && scrollY > 0; mark(); }).observe(end);
    addEventListener("hashchange", mark);
    mark();
  }

  // One button for the code of all cells; remembered until the window is closed, where the browser lets a page remember.
  function code() {
    const cells = all("details.code"), button = document.querySelector(".codes");
    if (!cells.length || !button) return;
    const shown = () => cells.every((cell) => cell.open);
    const name = () => { button.textContent = shown() ? "Hide all code" : "Show all code"; };
    const remembered = (value) => {
      try {
        if (value === undefined) return sessionStorage.getItem("reecho-code");
        sessionStorage.setItem("reecho-code", value);
      } catch { /* a page from disk may be denied storage */ }
      return null;
    };
    const set = (open) => cells.forEach((cell) => { cell.open = open; });
    button.addEventListener("click", () => {
      const place = button.getBoundingClientRect().top, open = !shown();
      set(open);
      name();
      remembered(open ? "shown" : "hidden");
      if (button.getBoundingClientRect().top !== place) scrollBy(0, button.getBoundingClientRect().top - place);
    });
    document.addEventListener("toggle", name, true);
    if (remembered() === "shown") set(true);
    name();
    button.hidden = false;
  }

  // Only what is wider than its place is a stop for the keyboard.
  function scrollers() {
    const fit = (element) => {
      const over = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
      if (over) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
      if (element.matches(".scroll[aria-label]")) {
        if (over) element.setAttribute("role", "region");
        else element.setAttribute("role", "group");
      }
    };
    const observer = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
    all(".scroll, .formula, pre").forEach((element) => observer.observe(element));
  }

  // A figure in the whole window: its faces are small beside the text, and smaller on a phone.
  function figures() {
    const pictures = all("figure > img");
    if (!pictures.length || !window.HTMLDialogElement) return;
    const close = made("button", { type: "button", textContent: "Close" });
    const place = made("div", { className: "scroll", tabIndex: 0 });
    const dialog = made("dialog", { className: "enlarged" }, close, place);
    place.setAttribute("role", "region");
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => place.replaceChildren());
    document.body.append(dialog);
    pictures.forEach((picture, index) => {
      const number = picture.parentElement.querySelector("figcaption b");
      const name = number ? number.textContent.replace(/\.$/, "").toLowerCase() : `picture ${index + 1}`;
      const show = () => {
        const large = made("img", { src: picture.src, alt: picture.alt, className: picture.className });
        dialog.setAttribute("aria-label", `Enlarged ${name}`);
        place.setAttribute("aria-label", `The enlarged ${name}, scrolls`);
        place.replaceChildren(large);
        dialog.showModal();
      };
      const button = made("button", { type: "button", className: "enlarge", textContent: "Enlarge" });
      button.setAttribute("aria-label", `Enlarge ${name}`);
      button.addEventListener("click", show);
      picture.addEventListener("click", show);
      picture.after(button);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    [strip, contents, code, scrollers, figures].forEach((each) => each());
    root.classList.add("ready");
  });
})();
