// The review desk: leaf through the scans by arrow keys, look closer by a click or the space bar.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const strip = [...document.querySelectorAll("[data-picture]")];
  let at = -1;
  const show = (index) => {
    if (!strip[index]) return;
    at = index;
    one("#picture").src = strip[at].dataset.picture;
    one("#picture").alt = strip[at].dataset.title;
    one("#scan-title").textContent = `${strip[at].dataset.title} · ${at + 1}/${strip.length}`;
    strip.forEach((thumb, position) => thumb.setAttribute("aria-pressed", String(position === at)));
    one(".picture").classList.remove("close");
    one(".picture").scrollTo(0, 0);
  };
  const closer = () => one(".picture").classList.toggle("close");
  document.addEventListener("click", (event) => {
    const thumb = event.target.closest("[data-picture]");
    if (thumb) show(strip.indexOf(thumb));
    else if (event.target.closest(".picture")) closer();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.altKey || event.ctrlKey || event.isComposing || one("dialog[open]")) return;
    if (event.key === "ArrowRight") show(at + 1);
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === " " && event.target.closest(".picture")) { event.preventDefault(); closer(); }
  });
  show(0);
  const asking = one("dialog[data-open-now]");
  if (asking) asking.showModal();
})();
