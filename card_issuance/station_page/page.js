// Keeps the station's page up to date: asks for its live part every second while it is looked at, and swaps it when it changed.
(() => {
  "use strict";
  const live = document.getElementById("live");
  if (!live) return;
  let shown = live.innerHTML;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(live.dataset.live, { cache: "no-store" });
        if (answer.ok) {
          const fresh = await answer.text();
          if (fresh !== shown) {
            const held = document.activeElement && document.activeElement.id;
            live.innerHTML = fresh;
            shown = fresh;
            const again = held && document.getElementById(held);
            if (again) again.focus();
          }
          live.removeAttribute("data-lost");
        }
      } catch { live.setAttribute("data-lost", "yes"); }
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();
