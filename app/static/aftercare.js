// A leave runs out while it is looked at: minutes and seconds left, counted from the page's arrival, whatever this clock says.
(() => {
  "use strict";
  const parts = [...document.querySelectorAll("[data-left]")];
  if (!parts.length) return;
  const begun = performance.now();
  const tick = () => {
    for (const part of parts) {
      const left = Math.floor(Number(part.dataset.left) - (performance.now() - begun) / 1000);
      const badge = part.parentElement.querySelector("[data-over]");
      part.textContent = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "";
      if (left <= 0 && badge) { badge.textContent = badge.dataset.over; badge.classList.remove("amber"); }
    }
  };
  tick();
  setInterval(tick, 1000);
})();
