// What a page does beside being read: contents that follow, code shown for all cells, figures enlarged. Without it all is there to read.
"use strict";
document.documentElement.classList.add("js");

function make(tag, attributes, ...children) { // an element; attributes that are undefined are left out
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

document.addEventListener("DOMContentLoaded", () => {
  const wide = matchMedia("(min-width: 68rem)"); // as in page.css: the contents stand beside the text
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // The line of reports scrolls inside itself where it is too long for the window; the present report is brought into view.
  const present = document.querySelector(".strip [aria-current]")?.parentElement, strip = present?.parentElement;
  if (strip) strip.scrollLeft = present.offsetLeft - strip.offsetLeft - (strip.clientWidth - present.offsetWidth) / 2;

  // Contents: beside the text, or on small windows a line at the top that unfolds. The section that is read is marked.
  function contents(nav, folded) {
    const links = new Map(all("a", folded).map((link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link]));
    const headings = [...links.keys()], here = nav.querySelector(".here");
    const fold = () => { folded.open = wide.matches; };
    const close = () => { if (!wide.matches) folded.open = false; };
    fold();
    wide.addEventListener("change", fold);
    document.addEventListener("click", (event) => { if (!nav.contains(event.target) || event.target.closest(".contents a")) close(); });
    nav.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || wide.matches || !folded.open) return;
      close();
      folded.querySelector("summary").focus();
    });
    const mark = () => {
      const line = 0.2 * innerHeight + 1, top = (heading) => heading.getBoundingClientRect().top;
      const ended = scrollY > 0 && innerHeight + scrollY > document.documentElement.scrollHeight - 4;
      let read = ended ? headings.at(-1) : headings.findLast((heading) => top(heading) <= line) || headings[0];
      const aim = headings.find((heading) => heading.id === decodeURIComponent(location.hash.slice(1)));
      if (aim && top(aim) >= 0 && (ended || top(aim) <= line)) read = aim; // of several in sight the one whose link was followed
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(read).setAttribute("aria-current", "location");
      here.textContent = links.get(read).textContent;
      if (wide.matches) links.get(read).scrollIntoView({ block: "nearest" });
    };
    addEventListener("scroll", mark, { passive: true });
    addEventListener("hashchange", mark);
    mark();
  }
  const nav = document.querySelector(".contents"), folded = nav?.querySelector("details");
  if (folded) contents(nav, folded);

  // One button for the code of all cells; remembered until the window is closed, where the browser lets a page remember.
  function code(cells, button) {
    const shown = () => cells.every((cell) => cell.open);
    const name = () => { button.textContent = shown() ? "Hide all code" : "Show all code"; };
    const set = (open) => cells.forEach((cell) => { cell.open = open; });
    button.addEventListener("click", () => {
      const place = button.getBoundingClientRect().top, open = !shown();
      set(open);
      name();
      try { sessionStorage.setItem("reecho-code", open ? "shown" : "hidden"); } catch { /* a page from disk may be denied storage */ }
      scrollBy(0, button.getBoundingClientRect().top - place);
    });
    document.addEventListener("toggle", name, true);
    try { if (sessionStorage.getItem("reecho-code") === "shown") set(true); } catch { /* the same */ }
    name();
    button.hidden = false;
  }
  const cells = all("details.code"), button = document.querySelector(".codes");
  if (cells.length && button) code(cells, button);

  // Only what is wider than its place is a stop for the keyboard.
  const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    const over = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1;
    if (over) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
    if (target.matches(".scroll[aria-label]")) target.setAttribute("role", over ? "region" : "group");
  }));
  all('.scroll, p:has(> math[display="block"]), pre').forEach((element) => observer.observe(element));

  // A figure that is wider than its place scrolls: the names of its rows stay, and where there is more to the right it fades.
  const drawings = new ResizeObserver((entries) => entries.forEach(({ target }) => goesOn(target)));
  function goesOn(place) {
    const over = place.scrollWidth > place.clientWidth + 1, names = place.querySelector(".names");
    place.classList.toggle("goes-on", over && place.scrollLeft + place.clientWidth < place.scrollWidth - 4);
    if (over) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
    if (!over) names?.remove();
    else if (!names && place.style.getPropertyValue("--names")) {
      place.append(make("div", { class: "names", "aria-hidden": "true" }, place.querySelector("img").cloneNode()));
    }
  }

  // Of a long table six rows are seen at first.
  all("figure.table").filter((table) => table.querySelector("tr.more")).forEach((table) => {
    const rows = make("button", { type: "button", class: "rows" }), count = table.querySelectorAll("tbody tr").length;
    const fold = (folded) => {
      table.classList.toggle("folded", folded);
      rows.setAttribute("aria-expanded", String(!folded));
      rows.textContent = folded ? `Show all ${count} rows` : "Show fewer rows";
    };
    rows.addEventListener("click", () => fold(!table.classList.contains("folded")));
    fold(true);
    table.querySelector(".scroll").after(rows);
  });

  // A definition is put away by Escape, for pointer and keyboard alike.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all(".term").forEach((term) => term.classList.add("closed"));
  });
  for (const type of ["focusin", "pointerover"]) document.addEventListener(type, (event) => {
    if (!event.target.closest?.(".term.closed:hover")) all(".term.closed").forEach((term) => term.classList.remove("closed"));
  });

  // A link to what is folded away, or belongs to a run that is not shown, brings it into view.
  const reveal = () => {
    const aim = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!aim) return;
    aim.closest("details.behind")?.setAttribute("open", "");
    const run = aim.closest(".run")?.className.match(/run-(\d+)/);
    if (run) document.getElementById(`run-${run[1]}`).checked = true;
    aim.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A figure in the whole window: its faces are small beside the text, and smaller on a phone.
  const close = make("button", { type: "button" }, "Close"), place = make("div", { class: "scroll", tabindex: 0, role: "region" });
  const dialog = make("dialog", { class: "enlarged" }, close, place);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => place.replaceChildren());
  document.body.append(dialog);
  all("figure > .drawing > img").forEach((picture, index) => {
    const drawing = picture.parentElement, number = drawing.parentElement.querySelector("figcaption b");
    const name = number ? number.textContent.replace(/\.$/, "").toLowerCase() : `picture ${index + 1}`;
    const enlarge = make("button", { type: "button", class: "enlarge", "aria-label": `Enlarge ${name}` }, "Enlarge");
    const show = () => {
      dialog.setAttribute("aria-label", `Enlarged ${name}`);
      place.setAttribute("aria-label", `The enlarged ${name}, scrolls`);
      place.replaceChildren(picture.cloneNode());
      dialog.showModal();
    };
    if (!drawing.matches(".still")) { // of a widget, which has its own way to be seen closer
      for (const target of [enlarge, picture]) target.addEventListener("click", show);
      drawing.after(enlarge);
    }
    drawing.setAttribute("role", "group");
    drawing.setAttribute("aria-label", name);
    drawing.addEventListener("scroll", () => goesOn(drawing), { passive: true });
    drawings.observe(drawing);
  });
  document.documentElement.classList.add("ready");
});
