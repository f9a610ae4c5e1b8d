// The index: a line across each card's faces that the pointer and the arrow keys move. Without it both halves are there to see.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const stage of document.querySelectorAll(".cards .cut")) {
    const { left, right } = stage.dataset, slider = document.createElement("input");
    slider.type = "range";
    slider.value = 50;
    slider.setAttribute("aria-label", `Line between ${left} and ${right}`);
    stage.after(slider);
    divider(stage, slider, (percent) => `${percent} % ${left}, ${100 - percent} % ${right}`);
  }
});
