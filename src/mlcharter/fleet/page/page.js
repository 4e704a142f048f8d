"use strict";
const table = document.getElementById("fleet");
const body = table.tBodies[0];
const heads = [...table.tHead.rows[0].cells];
const compare = new Intl.Collator("en", { numeric: true }).compare;
heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
  const down = head.getAttribute("aria-sort") === "ascending";
  const text = new Map([...body.rows].map((row) => [row, row.cells[column].textContent]));
  const sorted = [...body.rows].sort((a, b) => compare(text.get(a), text.get(b)));
  body.append(...(down ? sorted.reverse() : sorted));
  heads.forEach((other) => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
}));
const texts = new Map([...body.rows].map((row) => {
  const part = document.getElementById(row.querySelector("a").hash.slice(1));
  return [row, (row.textContent + " " + part.textContent).toLowerCase()];
}));
document.getElementById("filter").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  let shown = 0;
  for (const [row, text] of texts) {
    row.hidden = !words.every((word) => text.includes(word));
    shown += !row.hidden;
  }
  document.getElementById("shown").textContent = `${shown} shown`;
});
const open = () => {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (part instanceof HTMLDetailsElement) { part.open = true; part.scrollIntoView(); part.firstElementChild.focus(); }
};
window.addEventListener("hashchange", open);
open();
