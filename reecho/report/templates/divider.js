// Two pictures on top of each other with a line between them: for widgets and for the page of a reader's own picture.

function dragging(element, moved) { // tells where the pointer is, in shares of the element's width and height
  const tell = (event) => {
    const box = element.getBoundingClientRect();
    moved((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    tell(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) tell(event);
  });
}

function divider(stage, slider, words) { // words: the slider's text at a percentage; gives what is to be called when they change
  const move = () => {
    stage.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", words(slider.value));
  };
  dragging(stage, (across) => {
    slider.value = 100 * across; // the slider rounds it and keeps it in its range
    move();
  });
  slider.addEventListener("input", move);
  move();
  return move;
}
