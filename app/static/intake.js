// The intake desk: whole rows by one key, arrows among ticks, tabs of sets, scans. Reads data attributes only.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = one("#intake");
  let tab = "1";

  const ticksOf = (row) => all(".paper-ticks input[type=checkbox]", row);
  const settle = (row) => { // the row's own box says: all, some or none
    const ticks = ticksOf(row), ticked = ticks.filter((tick) => tick.checked).length, whole = one("[data-whole-row]", row);
    whole.checked = ticked === ticks.length;
    whole.indeterminate = ticked > 0 && ticked < ticks.length;
  };
  const shout = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  document.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && event.target.matches("[data-whole-row]")) ticksOf(row).forEach((tick) => { tick.checked = event.target.checked; });
    if (row) settle(row);
  }, true);

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest && event.target.closest("[data-row]");
    if (!row || event.altKey || event.ctrlKey || !event.target.matches("input[type=checkbox]")) return;
    const boxes = all("input[type=checkbox]", row), rows = all("[data-row]", row.closest(".set")).filter((other) => other.getClientRects().length);
    const at = boxes.indexOf(event.target), down = rows.indexOf(row);
    const next = { ArrowRight: boxes[at + 1], ArrowLeft: boxes[at - 1] }[event.key]
      || (event.key === "ArrowDown" && rows[down + 1] && all("input[type=checkbox]", rows[down + 1])[at])
      || (event.key === "ArrowUp" && rows[down - 1] && all("input[type=checkbox]", rows[down - 1])[at]);
    if (next) { event.preventDefault(); next.focus(); }
  });

  const show = (wanted) => {
    if (!one(`#set-${wanted}`)) wanted = "1";
    tab = wanted;
    all(".set").forEach((set) => { set.hidden = set.id !== `set-${wanted}`; });
    all("[role=tab]").forEach((button) => {
      const here = button.dataset.tab === wanted;
      button.setAttribute("aria-selected", String(here));
      button.tabIndex = here ? 0 : -1;
    });
  };
  const colour = () => { // rows and tabs say at a glance where the verdict points
    const places = new Set(all("#verdict [data-place]").map((item) => item.dataset.place));
    const sets = new Set([...places].map((place) => place.split(":")[0]));
    all("[data-row]").forEach((row) => {
      const [, set, ...name] = row.id.split("-");
      const bad = places.has(`${set}:${name.join("-").replace(/_(state|local)$/, "")}`);
      row.classList.toggle("bad", bad);
      row.classList.toggle("good", !bad && ticksOf(row).some((tick) => tick.checked));
      settle(row);
    });
    all("[role=tab]").forEach((button) => button.classList.toggle("bad", sets.has(button.dataset.tab)));
  };
  document.addEventListener("htmx:afterSettle", () => { if (one("[role=tab]")) show(tab); colour(); });
  document.addEventListener("htmx:oobAfterSwap", () => { if (one("[role=tab]")) show(tab); });

  const upload = (set, kind, file) => {
    one("#scan-set").value = set;
    one("#scan-document").value = kind;
    if (file) { const carrier = new DataTransfer(); carrier.items.add(file); one("#scan-file").files = carrier.files; one("#scan-form").requestSubmit(); }
    else one("#scan-file").click();
  };
  document.addEventListener("change", (event) => { if (event.target.id === "scan-file" && event.target.files.length) one("#scan-form").requestSubmit(); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.target.id === "scan-form") one("#scan-file").value = ""; });
  const papers = (event) => event.dataTransfer && event.target.closest && event.target.closest("[data-row]");
  document.addEventListener("dragover", (event) => { const row = papers(event); if (row) { event.preventDefault(); row.classList.add("dropping"); } });
  document.addEventListener("dragleave", (event) => { const row = papers(event); if (row) row.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    const row = papers(event), attach = row && one("[data-scan-set]", row);
    if (!attach) return;
    event.preventDefault();
    row.classList.remove("dropping");
    if (event.dataTransfer.files.length) upload(attach.dataset.scanSet, attach.dataset.scanDocument, event.dataTransfer.files[0]);
  });

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const attach = hit("[data-scan-set]"), view = hit("[data-view]"), adopt = hit("[data-adopt]"), go = hit("[data-tab]");
    if (attach) upload(attach.dataset.scanSet, attach.dataset.scanDocument);
    if (view) { one("#viewer-picture").src = view.dataset.view; one("#viewer-picture").alt = view.dataset.title; one("#viewer-title").textContent = view.dataset.title; one("#viewer").showModal(); }
    if (hit("[data-open]")) one(`#${hit("[data-open]").dataset.open}`).showModal();
    if (hit("[data-close]")) hit("dialog").close();
    if (adopt) {
      const kind = one("#kind"), held = one("[name=holds_code_bearing_licence][value=yes]");
      kind.value = adopt.dataset.adopt;
      if (adopt.hasAttribute("data-unified") && held) held.checked = true;
      one("#name").focus();
      shout(kind);
    }
    if (go) { show(go.dataset.tab); if (!go.matches("[role=tab]")) one(`#set-${go.dataset.tab} input`).focus(); }
    if (hit("[data-next-tab]")) { const tabs = all("[role=tab]"); const next = tabs[(tabs.findIndex((button) => button.dataset.tab === tab) + 1) % tabs.length]; show(next.dataset.tab); one(`#set-${tab} input`).focus(); }
  });
  document.addEventListener("keydown", (event) => { // arrows among tabs
    if (!event.target.matches || !event.target.matches("[role=tab]") || !/^Arrow(Left|Right)$/.test(event.key)) return;
    const tabs = all("[role=tab]"), next = tabs[tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1)];
    if (next) { event.preventDefault(); show(next.dataset.tab); next.focus(); }
  });
  if (form) colour();
})();
