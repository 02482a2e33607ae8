// What a page has to have so that everybody can read it, after WCAG 2.2 AA; an answer in JSON.
(() => {
  const found = [];
  const wrong = (what, node) => found.push(`${what}: ${node ? node.outerHTML.slice(0, 160) : ""}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (node) => node.checkVisibility() && node.getClientRects().length > 0;

  // Landmarks, one heading for the page, and no level left out.
  if (!document.documentElement.lang) wrong("no language");
  if (!document.title) wrong("no title");
  for (const name of ["header", "main", "footer", "h1"]) {
    if (all(name).length !== 1) wrong(`not one <${name}>`);
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong("a heading level is left out", heading);
    if (!heading.textContent.trim()) wrong("an empty heading", heading);
    level = next;
  }
  const ids = all("[id]").map((node) => node.id);
  if (new Set(ids).size !== ids.length) wrong("an id twice");
  for (const node of all("[aria-labelledby]")) {
    if (!document.getElementById(node.getAttribute("aria-labelledby"))) wrong("a label is missing", node);
  }
  for (const link of all("a")) {
    if (!document.querySelector(link.getAttribute("href"))) wrong("a link to nowhere", link);
  }

  // Pictures and controls have names; tables have captions and headings.
  for (const svg of all("svg")) {
    const named = svg.getAttribute("role") === "img" && svg.getAttribute("aria-label");
    if (!named && svg.getAttribute("aria-hidden") !== "true") wrong("a picture without words", svg);
  }
  for (const button of all("button, summary")) if (!button.textContent.trim()) wrong("no name", button);
  for (const input of all("input")) if (!input.labels.length) wrong("no label", input);
  for (const table of all("table")) {
    if (!table.caption || !table.caption.textContent.trim()) wrong("no caption", table);
    if (!table.tHead) wrong("no headings", table);
    const width = table.tHead.rows[0].cells.length;
    for (const cell of table.tHead.rows[0].cells) if (cell.scope !== "col") wrong("no scope", cell);
    for (const row of table.tBodies[0].rows) if (row.cells.length !== width) wrong("a ragged row", row);
  }
  for (const list of all("ul, ol")) {
    if ([...list.children].some((child) => child.tagName !== "LI")) wrong("not a list", list);
  }

  // What scrolls can be reached with the keyboard, and has a name.
  for (const node of all("*")) {
    const style = getComputedStyle(node);
    if (!visible(node) || !/auto|scroll/.test(style.overflowX) || node === document.documentElement) continue;
    if (node.scrollWidth > node.clientWidth && node.tabIndex < 0) wrong("cannot be scrolled by keyboard", node);
  }
  for (const node of all("a, button, input, summary, [tabindex]").filter(visible).slice(0, 40)) {
    node.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== node) wrong("cannot be focused", node);
    else if (getComputedStyle(node).outlineStyle === "none") wrong("focus cannot be seen", node);
  }
  if (document.activeElement) document.activeElement.blur();
  scrollTo(0, 0);

  // Contrast: 4.5 for text, 3 for large text and for what pictures are made of.
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || node.closest("script, style, svg") || !visible(node)) continue;
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = ratio(channels(style.color), background(node));
    if (contrast < (isLarge ? 3 : 4.5)) wrong(`contrast ${contrast.toFixed(1)}`, node);
    if (size < 12) wrong("small print", node);
  }
  for (const rect of all("svg rect").filter(visible)) {
    const contrast = ratio(channels(getComputedStyle(rect).fill), background(rect.ownerSVGElement));
    if (contrast < 3) wrong(`contrast ${contrast.toFixed(1)}`, rect);
  }
  return JSON.stringify([...new Set(found)].slice(0, 20));
})()
