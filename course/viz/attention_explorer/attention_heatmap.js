// One cell for each query (a row) and key (a column), of the first map. `plot` is what attention_explorer.js gives.

const LABEL = 12; // pixels from one label to the next, at least

function drawHeatmap(plot, stage) {
  const { queries, keys } = plot.picture;
  const map = plot.maps[0];
  const grid = make("div", "lm-attention-map");
  const [top, side] = [make("div", "lm-map-keys"), make("div", "lm-map-queries")];
  top.append(...keys.map(label));
  side.append(...queries.map(label));
  const body = make("div", "lm-map-body");
  body.tabIndex = 0;
  body.setAttribute("role", "application");
  grid.append(make("div", "lm-side", plot.words.looks), top, side, body);
  stage.replaceChildren(grid);

  // As large as the room there is allows, so that no column is cut off.
  const room = stage.clientWidth - side.offsetWidth - 4;
  const cell = clamp(1.5, Math.floor((10 * room) / keys.length) / 10, clamp(13, 640 / queries.length, 26));
  const [width, height] = [keys.length * cell, queries.length * cell];
  grid.style.setProperty("--lm-cell", `${cell}px`);
  for (const list of [top, side])
    [...list.children].forEach((one, place) => one.classList.toggle("lm-skipped", place % Math.ceil(LABEL / cell) > 0));
  const canvas = make("canvas");
  paint(canvas, queries.length, keys.length, (i) => 255 * Math.sqrt(map(Math.floor(i / keys.length), i % keys.length)));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const svg = makeShape("svg", { width, height, "aria-hidden": "true" });
  const unseen = makeShape("path", { d: unseenCells(), class: "lm-hidden" });
  const kept = makeShape("path", { class: "lm-row" });
  const opened = makeShape("rect", { class: "lm-opened", width: cell, height: cell });
  const frame = makeShape("rect", { class: "lm-cell", width: cell, height: cell });
  svg.append(unseen, kept, opened, frame);
  body.append(canvas, svg);

  function label(token) {
    const one = make("span", "", token);
    one.title = token;
    return one;
  }

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
  body.addEventListener("click", (event) => {
    const { query, key } = under(event);
    if (event.shiftKey) plot.selection.toggle(query);
    else plot.open(0, query, key);
  });
  body.addEventListener("focus", () => at ?? go(inside(...(plot.pair() ?? [plot.selection.places()[0] ?? 0, 0]))));
  body.addEventListener("focusout", () => go(null));
  body.addEventListener("keydown", (event) => {
    if (!plain(event) || !at) return;
    if (event.key in ARROWS) go(inside(at.query + ARROWS[event.key][0], at.key + ARROWS[event.key][1]));
    else if (event.key === "Enter") plot.open(0, at.query, at.key);
    else if (event.key === " ") plot.selection.toggle(at.query);
    else if (event.key === "Escape") plot.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function place(rectangle, query, key) {
    rectangle.style.display = key === undefined ? "none" : "";
    if (key === undefined) return;
    rectangle.setAttribute("x", key * cell);
    rectangle.setAttribute("y", query * cell);
  }

  return function show(shown) {
    const rows = plot.selection.places();
    kept.setAttribute("d", rows.map((query) => `M1 ${query * cell}h${width - 2}v${cell}h${2 - width}z`).join(""));
    place(opened, ...(plot.pair() ?? []));
    place(frame, shown?.query, shown?.key);
    [...side.children].forEach((label, place) => label.classList.toggle("lm-at", place === shown?.query));
    [...top.children].forEach((label, place) => label.classList.toggle("lm-at", place === shown?.key));
    body.setAttribute("aria-label", at ? plot.say(at) : plot.words.map);
  };
}
