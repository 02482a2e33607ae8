"use strict";
(() => {
  const labels = JSON.parse(document.body.dataset.labels);
  const fill = (text, ...values) => values.reduce((done, value, at) => done.replace(`%${at + 1}`, value), text);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const fewest = 8; // rows from which looking for one is worth a box

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return "key" in cell.dataset ? Number(cell.dataset.key) : cell.textContent;
  };
  const compare = (one, other) => {
    const numbers = [one, other].map((key) => typeof key === "number");
    if (numbers[0] && numbers[1]) return one - other;
    if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1; // what is not known is the least
    return collator.compare(one, other);
  };

  const makeSortable = (table) => {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.title = fill(labels.sort, heading.textContent);
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const isDown = heading.getAttribute("aria-sort") === "descending"
          || (!heading.hasAttribute("aria-sort") && !/count|size|time|day/.test(heading.className));
        headings.forEach((each) => each.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", isDown ? "ascending" : "descending");
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row) => [keyOf(row, column), row]);
        keyed.sort((one, other) => (isDown ? 1 : -1) * compare(one[0], other[0]));
        body.append(...keyed.map(([, row]) => row));
      });
    });
  };

  const makeFilterable = (grid, number) => {
    const rows = [...grid.querySelectorAll("tbody tr")];
    if (rows.length < fewest) return;
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const box = document.createElement("input");
    box.type = "search";
    box.id = `filter-${number}`;
    const label = document.createElement("label");
    label.htmlFor = box.id;
    label.textContent = labels.filter;
    const told = document.createElement("span");
    told.className = "quiet";
    told.setAttribute("role", "status");
    const line = document.createElement("div");
    line.className = "filter";
    line.append(label, box, told);
    grid.prepend(line);
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      let count = 0;
      rows.forEach((row, at) => {
        row.hidden = !texts[at].includes(wanted);
        count += row.hidden ? 0 : 1;
      });
      told.textContent = wanted ? fill(labels.matching, count, rows.length) : "";
    });
  };

  const makeCopyable = (command) => {
    const code = command.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = labels.copy;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = labels.copied;
      } catch {
        getSelection().selectAllChildren(code); // to be copied by hand
      }
    });
    command.append(button);
  };

  document.querySelectorAll(".grid").forEach((grid, number) => {
    makeSortable(grid.querySelector("table"));
    makeFilterable(grid, number);
  });
  document.querySelectorAll(".command").forEach(makeCopyable);
})();
