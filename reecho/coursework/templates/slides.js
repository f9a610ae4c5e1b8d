// Keys that move from slide to slide and show the speaker's notes. Without it all slides and notes are there to read.
"use strict";
document.documentElement.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  const slides = [...document.querySelectorAll(".slide")], notes = [...document.querySelectorAll(".notes")];
  const talk = document.querySelector(".talk");

  function present() { // the slide under the middle of the window
    const middle = innerHeight / 2;
    return Math.max(0, slides.findLastIndex((slide) => slide.getBoundingClientRect().top <= middle));
  }

  function show(number) {
    const slide = slides[Math.min(Math.max(number, 0), slides.length - 1)];
    slide.scrollIntoView({ block: "start" });
    slide.focus({ preventScroll: true });
  }

  function turnNotes() {
    const number = present(), open = !notes.every((note) => note.open);
    for (const note of notes) note.open = open;
    talk.setAttribute("aria-pressed", String(open));
    slides[number].scrollIntoView({ block: "start" });
  }

  function isLeft(by) { // whether a slide that is longer than the window has more to show, so that the key scrolls
    const { top, bottom } = slides[present()].getBoundingClientRect();
    return by > 0 ? bottom > innerHeight + 8 : top < -8;
  }

  const moves = {
    ArrowRight: () => show(present() + 1), ArrowLeft: () => show(present() - 1),
    PageDown: () => !isLeft(1) && (show(present() + 1), true), PageUp: () => !isLeft(-1) && (show(present() - 1), true),
    Home: () => show(0), End: () => show(slides.length - 1), s: turnNotes, S: turnNotes,
  };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in moves)) return;
    if (event.key.startsWith("Arrow") && event.target.closest("[role=region]")) return; // a wide table scrolls
    if (moves[event.key]() !== false) event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-by]"))
    button.addEventListener("click", () => slides[Math.min(Math.max(present() + Number(button.dataset.by), 0), slides.length - 1)].scrollIntoView({ block: "start" }));
  talk.addEventListener("click", turnNotes);
  for (const part of document.querySelectorAll(".keys [hidden]")) part.hidden = false;

  // Printed with notes they must be open, and closed again as they were.
  let before = [];
  addEventListener("beforeprint", () => {
    before = notes.map((note) => note.open);
    if (location.hash === "#handout") for (const note of notes) note.open = true;
  });
  addEventListener("afterprint", () => notes.forEach((note, number) => { note.open = before[number]; }));
});
