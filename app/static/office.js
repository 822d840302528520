// The keyboard and the live parts of every page. No inline script anywhere: pages carry data attributes, this file reads them.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (element) => element.getClientRects().length > 0 && !element.disabled;
  const composing = (event) => event.isComposing || event.keyCode === 229; // a Chinese input method is at work
  const typing = (element) => element && (element.matches("textarea, select, [contenteditable]") || (element.matches("input") && !element.matches("[type=checkbox], [type=radio], [type=button], [type=submit]")));

  const FIELDS = "input:not([type=hidden]), select, textarea, button.button.primary, a.button.primary";
  const press = (key) => { const target = all(`[data-key="${key}"]`).find(visible); if (target) target.click(); return Boolean(target); };

  let leader = false; // "g" was pressed: a digit goes to that desk
  document.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const at = document.activeElement;
    if (/^F\d+$/.test(event.key) && !event.ctrlKey && !event.altKey && press(event.key)) { event.preventDefault(); return; }
    if (event.altKey && !event.ctrlKey && /^Digit\d$|^Key[A-Z]$/.test(event.code)) {
      const target = all(`[data-tick-key="${event.code.slice(-1).toLowerCase()}"]`).find(visible);
      if (target) { event.preventDefault(); target.focus(); target.click(); }
      return;
    }
    if (event.key === "Enter" && at && at.matches("input, select") && at.closest("form[data-enter-next]")) {
      event.preventDefault();
      const inside = at.closest("form[data-enter-next]");
      const radios = at.type === "radio" ? at.name : null;
      const fields = all(FIELDS).filter((field) => visible(field) && field.tabIndex >= 0 && (inside.contains(field) || field.form === inside) && (!radios || field.name !== radios || field === at));
      const next = fields[fields.indexOf(at) + 1];
      if (next) { next.focus(); if (next.select && typing(next) && next.tagName === "INPUT") next.select(); }
      return;
    }
    if (typing(at) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "/") { const box = one("#seek"); if (box) { event.preventDefault(); box.focus(); box.select(); } }
    else if (event.key === "g") { leader = true; setTimeout(() => { leader = false; }, 1500); }
    else if (leader && /^[1-9]$/.test(event.key)) { leader = false; const desk = all(".desks a")[Number(event.key) - 1]; if (desk) desk.click(); }
  });

  // A second click on a sent form does nothing; the server would refuse it as well.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    clearTimeout(timers.get(form));
    if (keeping.has(form)) { // the draft is being kept this moment: its version changes, so wait for it
      event.preventDefault();
      const by = event.submitter;
      keeping.get(form).finally(() => form.requestSubmit(by));
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) { form.dataset.sent = "yes"; setTimeout(() => { delete form.dataset.sent; }, 4000); }
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // Drafts keep themselves: a tick at once, typing after a pause.
  const timers = new WeakMap(), keeping = new WeakMap();
  const keep = (form) => {
    const kept = htmx.ajax("POST", form.dataset.autosave, { source: form, target: form.dataset.target || "#verdict", swap: form.dataset.swap || "innerHTML" });
    keeping.set(form, kept);
    kept.finally(() => { if (keeping.get(form) === kept) keeping.delete(form); });
  };
  const later = (form, pause) => { clearTimeout(timers.get(form)); timers.set(form, setTimeout(() => keep(form), pause)); };
  document.addEventListener("input", (event) => { const form = event.target.form; if (form && form.dataset.autosave && typing(event.target) && event.target.type !== "file") later(form, 600); });
  document.addEventListener("change", (event) => { const form = event.target.form; if (form && form.dataset.autosave && event.target.type !== "file") later(form, 30); });

  // Live parts: asked again and again while the page is looked at; never swapped under a typing hand or what it has just unfolded.
  const watch = (part) => {
    if (part.dataset.watched) return;
    part.dataset.watched = "yes";
    const look = () => {
      if (!part.isConnected || part.dataset.poll === "") return;
      const at = document.activeElement, busy = part.contains(at) && (typing(at) || at.closest("details[open]"));
      if (document.hidden || busy) { setTimeout(look, 500); return; }
      htmx.ajax("GET", part.dataset.poll, { target: part, swap: part.dataset.swap || "innerHTML", headers: { "X-Watching": "yes" } }).finally(() => setTimeout(look, Number(part.dataset.every || 1000)));
    };
    setTimeout(look, Number(part.dataset.every || 1000));
  };
  const arrive = (root) => {
    all("[data-poll]", root).forEach(watch);
    if (root.matches && root.matches("[data-poll]")) watch(root);
    const first = one("[data-focus]", root); if (first) first.focus();
  };
  document.addEventListener("htmx:load", (event) => arrive(event.detail.elt));
  // The wings of supervision that somebody unfolded stay so, in his browser, until he folds them.
  const wings = all(".desks .wing");
  const unfolded = () => { try { return [].concat(JSON.parse(localStorage.getItem("wings") || "[]")); } catch { return []; } };
  const rememberWings = (places) => { try { localStorage.setItem("wings", JSON.stringify(places)); } catch { /* a browser that keeps nothing */ } };
  wings.forEach((wing, place) => {
    if (unfolded().includes(place)) wing.open = true;
    one("summary", wing).addEventListener("click", () => { // still as it was before the click
      const others = unfolded().filter((other) => other !== place);
      rememberWings(wing.open ? others : [...others, place]);
    });
  });
  const here = one(".desks [aria-current]"); // a supervisor's list of rooms is longer than the screen
  if (here) here.scrollIntoView({ block: "nearest" });
  document.addEventListener("htmx:beforeSwap", (event) => { // our refusals are pages worth showing
    if ([403, 404, 409, 422, 429, 503].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-print], [data-back]");
    if (!target) return;
    if (target.hasAttribute("data-print")) window.print(); else history.back();
  });
})();
