// One cell for each query (a row) and key (a column), of the first map. `plot` is what attention_explorer.js gives.

function drawHeatmap(plot, stage) {
  const { queries, keys } = plot.picture;
  const map = plot.maps[0];
  const cell = clamp(13, Math.floor(640 / Math.max(queries.length, keys.length)), 26);
  const width = keys.length * cell;
  const height = queries.length * cell;
  const grid = make("div", "lm-attention-map");
  grid.style.setProperty("--lm-cell", `${cell}px`);
  const [top, side] = [make("div", "lm-map-keys"), make("div", "lm-map-queries")];
  top.append(...keys.map((token) => make("span", "", token)));
  side.append(...queries.map((token) => make("span", "", token)));
  const body = make("div", "lm-map-body");
  body.tabIndex = 0;
  body.setAttribute("role", "application");
  const canvas = make("canvas");
  paint(canvas, queries.length, keys.length, (i) => 255 * Math.sqrt(map(Math.floor(i / keys.length), i % keys.length)));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const svg = makeShape("svg", { width, height, "aria-hidden": "true" });
  const unseen = makeShape("path", { d: unseenCells(), class: "lm-hidden" });
  const row = makeShape("rect", { class: "lm-row", x: 1, width: width - 2, height: cell });
  const frame = makeShape("rect", { class: "lm-cell", width: cell, height: cell });
  svg.append(unseen, row, frame);
  body.append(canvas, svg);
  grid.append(make("div", "lm-side", plot.words.looks), top, side, body);
  stage.replaceChildren(grid);

  function unseenCells() {
    let path = "";
    for (let query = 0; query < queries.length; query++)
      for (let key = 0; key < keys.length; key++)
        if (!plot.seen(query, key)) path += `M${key * cell} ${query * cell}h${cell}v${cell}h${-cell}z`;
    return path;
  }

  const inside = (query, key) => ({
    query: clamp(0, query, queries.length - 1),
    key: clamp(0, key, keys.length - 1),
  });
  function under(event) {
    const box = canvas.getBoundingClientRect();
    return inside(Math.floor((event.clientY - box.top) / cell), Math.floor((event.clientX - box.left) / cell));
  }

  let at = null; // the cell that the mouse or the keyboard is at
  const go = (next) => plot.point((at = next));
  body.addEventListener("pointermove", (event) => go(under(event)));
  body.addEventListener("pointerleave", () => go(null));
  body.addEventListener("click", (event) => plot.keep(under(event).query));
  body.addEventListener("focus", () => at ?? go(inside(plot.kept()?.query ?? 0, 0)));
  body.addEventListener("focusout", () => go(null));
  body.addEventListener("keydown", (event) => {
    if (!plain(event) || !at) return;
    if (event.key in ARROWS) go(inside(at.query + ARROWS[event.key][0], at.key + ARROWS[event.key][1]));
    else if (event.key === "Enter" || event.key === " ") plot.keep(at.query);
    else if (event.key === "Escape") plot.keep(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return function show(shown) {
    const kept = plot.kept();
    row.style.display = kept ? "" : "none";
    if (kept) row.setAttribute("y", kept.query * cell);
    frame.style.display = shown?.key === undefined ? "none" : "";
    if (shown?.key !== undefined) {
      frame.setAttribute("x", shown.key * cell);
      frame.setAttribute("y", shown.query * cell);
    }
    [...side.children].forEach((label, place) => label.classList.toggle("lm-at", place === shown?.query));
    [...top.children].forEach((label, place) => label.classList.toggle("lm-at", place === shown?.key));
    body.setAttribute("aria-label", at ? plot.say(at) : plot.words.map);
  };
}
