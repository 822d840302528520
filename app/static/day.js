// The sum of the notes while they are counted. The office counts again.
(() => {
  const box = document.querySelector("[data-sum-of-notes]");
  const shown = document.querySelector("[data-sum]");
  if (!box || !shown) return;
  const add = () => {
    let fen = 0;
    for (const field of box.querySelectorAll("[data-fen]")) fen += Number(field.dataset.fen) * (Number.parseInt(field.value, 10) || 0);
    const rest = box.querySelector("[data-yuan]");
    if (rest) fen += Math.round((Number.parseFloat(rest.value) || 0) * 100);
    shown.textContent = (fen / 100).toFixed(2);
  };
  box.addEventListener("input", add);
  add();
})();
