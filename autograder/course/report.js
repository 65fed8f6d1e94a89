"use strict";
(() => {
  const table = document.querySelector("table.students");
  const body = table.tBodies[0];
  const rows = [...body.rows];

  const form = document.querySelector("form.filter");
  const [words, attention] = form.querySelectorAll("input");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      const unwanted = attention.checked && !("attention" in row.dataset);
      row.hidden = unwanted || !wanted.every((word) => texts[i].includes(word));
      shown += !row.hidden;
    });
    form.querySelector("output").value = shown === rows.length ? "" : `${shown} of ${rows.length}`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;

  window.addEventListener("hashchange", () => {
    form.reset();
    show();
    document.querySelector(":target")?.scrollIntoView({ block: "center" });
  });

  const heads = [...table.tHead.rows[0].cells];
  const orders = {
    number: (a, b) => a - b,
    text: (a, b) => a.localeCompare(b, undefined, { numeric: true }),
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const value = (row) => row.cells[column].dataset.value;
      const order = orders[head.dataset.sort];
      const sorted = [...rows].sort((a, b) => order(value(a), value(b)));
      body.append(...(falling ? sorted.reverse() : sorted));
    });
  });
})();
