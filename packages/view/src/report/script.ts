/**
 * The page's own script: opacity, layer toggles, level choice, side convention, sorting and filtering.
 * The page is complete without it.
 */
export const reportScript: string = `(() => {
"use strict";
const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
root.classList.add("js");
const apply = (id) => {
  const toggle = document.querySelector('[data-toggle="' + id + '"]');
  const slider = document.querySelector('[data-opacity="' + id + '"]');
  root.style.setProperty("--" + id, toggle.checked ? slider.value : "0");
  const names = all("[data-toggle]:checked").map((box) => box.closest("label").lastChild.textContent.trim());
  for (const shown of all(".shown")) shown.textContent = names.join(", ") || "no layer";
};
for (const slider of all("[data-opacity]")) slider.addEventListener("input", () => {
  document.querySelector('[data-toggle="' + slider.dataset.opacity + '"]').checked = true;
  apply(slider.dataset.opacity);
});
for (const box of all("[data-toggle]")) box.addEventListener("change", () => apply(box.dataset.toggle));
const turn = document.querySelector("[data-convention]");
const labels = turn && [turn.textContent, turn.textContent.includes("neuro") ? turn.textContent.replace("neurological", "radiological") : turn.textContent.replace("radiological", "neurological")];
turn?.addEventListener("click", () => {
  const turned = root.classList.toggle("turned");
  turn.setAttribute("aria-pressed", String(turned));
  turn.textContent = labels[turned ? 1 : 0];
});
const big = document.querySelector("#big-axial");
const home = document.querySelector("[data-home]");
const atHome = big && [...big.childNodes];
const note = document.querySelector("[data-level-note]");
home?.addEventListener("click", () => {
  big.replaceChildren(...atHome);
  home.hidden = true;
  note.textContent = "";
  for (const level of all("[data-level]")) level.removeAttribute("aria-pressed");
});
for (const level of all("[data-level]")) level.addEventListener("click", () => {
  const copy = level.querySelector("svg").cloneNode(true);
  big.replaceChildren(copy);
  home.hidden = false;
  note.textContent = "Axial: level z = " + level.dataset.level + " mm.";
  for (const other of all("[data-level]")) other.setAttribute("aria-pressed", String(other === level));
  big.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox" && event.target.type !== "range") return;
  if (event.key === "r" || event.key === "R") turn?.click();
  const box = /^[1-9]$/.test(event.key) && all("[data-toggle]")[Number(event.key) - 1];
  if (box) box.click();
});
const table = document.querySelector("#measure-table");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = all("th[data-sort]", table);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = rows.some((row) => row.cells[column].dataset.v !== undefined);
      const value = (row) => {
        const cell = row.cells[column];
        return numeric ? (cell.dataset.v === "" ? NaN : Number(cell.dataset.v)) : cell.textContent;
      };
      rows.sort((p, q) => {
        const [a, b] = [value(p), value(q)];
        if (numeric) return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : down ? b - a : a - b;
        return down ? b.localeCompare(a) : a.localeCompare(b);
      });
      body.append(...rows);
    });
  });
  const [text, modality, far] = ["text", "modality", "far"].map((name) => document.querySelector('[data-filter="' + name + '"]'));
  const filter = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const said = row.textContent.toLowerCase();
      const keep = words.every((word) => said.includes(word)) && (!modality.value || row.dataset.m === modality.value) && (!far.checked || row.querySelector(".far"));
      row.hidden = !keep;
      if (keep) shown++;
    }
    document.querySelector("[data-count]").textContent = shown + (shown === 1 ? " row" : " rows");
  };
  for (const control of [text, modality, far]) control.addEventListener("input", filter);
}
const links = new Map(all("nav a").map((a) => [a.hash.slice(1), a]));
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) {
    for (const a of links.values()) a.removeAttribute("aria-current");
    links.get(target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-20% 0px -70% 0px" });
for (const section of all("main > section")) watch.observe(section);
})();`;
