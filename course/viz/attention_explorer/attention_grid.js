// The view of course.viz.attention_view.HeadGrid: a picture for each head of each layer. It writes three traits back:
// `layer` and `head`, and `pinned`. Python puts this file behind attention_drawing.js.

const MOST_PINNED = 3;

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-heads");
  root.setAttribute("role", "radiogroup");
  root.setAttribute("aria-label", words.grid);
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  el.append(root);
  let cells = []; // cells[layer][head]

  function drawCells() {
    const { layers = 0, heads = 0, rows, columns, maps } = model.get("picture");
    root.hidden = layers === 0;
    if (layers === 0) return build(0, 0);
    if (cells.length !== layers || cells[0].length !== heads) build(layers, heads);
    const bytes = new Uint8Array(maps.buffer, maps.byteOffset, maps.byteLength);
    const size = rows * columns;
    cells.flat().forEach((canvas, number) => {
      paint(canvas, rows, columns, (i) => bytes[number * size + i]);
    });
    drawChoice();
  }

  function build(layers, heads) {
    cells = [];
    const parts = [make("span", "lm-heads-corner", `${words.layer}\\${words.head}`)];
    for (let head = 0; head < heads; head++) parts.push(make("span", "", head));
    for (let layer = 0; layer < layers; layer++) {
      parts.push(make("span", "", layer));
      cells.push(Array.from({ length: heads }, (_, head) => makeCell(layer, head)));
      parts.push(...cells[layer]);
    }
    root.style.setProperty("--lm-heads", heads);
    root.replaceChildren(...parts);
  }

  function makeCell(layer, head) {
    const canvas = make("canvas");
    const name = filled(words.cell_name, { layer, head });
    canvas.setAttribute("role", "radio");
    canvas.setAttribute("aria-label", name);
    canvas.title = name;
    canvas.addEventListener("click", (event) => {
      if (event.shiftKey) return pin(layer, head);
      choose(layer, head);
    });
    canvas.addEventListener("keydown", (event) => {
      if (!plain(event)) return;
      if (event.key in ARROWS) {
        const [down, right] = ARROWS[event.key];
        const next = cells[layer + down]?.[head + right];
        if (next) {
          choose(layer + down, head + right);
          next.focus();
        }
      } else if (event.key === "p" || event.key === "P") pin(layer, head);
      else if (event.key === "Enter" || event.key === " ") choose(layer, head);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return canvas;
  }

  function choose(layer, head) {
    model.set("layer", layer);
    model.set("head", head);
    model.save_changes();
  }

  function pin(layer, head) {
    const pinned = model.get("pinned");
    const others = pinned.filter(([l, h]) => l !== layer || h !== head);
    model.set("pinned", others.length < pinned.length ? others : [...others, [layer, head]].slice(-MOST_PINNED));
    model.save_changes();
  }

  function drawChoice() {
    if (cells.length === 0) return;
    const [layer, head, average] = ["layer", "head", "average"].map((name) => model.get(name));
    const pinned = model.get("pinned");
    root.classList.toggle("lm-large", model.get("large"));
    cells.forEach((row, l) =>
      row.forEach((canvas, h) => {
        const chosen = l === layer && h === head;
        canvas.tabIndex = chosen ? 0 : -1;
        canvas.setAttribute("aria-checked", chosen);
        canvas.classList.toggle("lm-averaged", average === "layers" || (average === "heads" && l === layer));
        const at = pinned.findIndex(([pl, ph]) => pl === l && ph === h);
        canvas.dataset.pinned = at < 0 ? "" : at + 1;
      }),
    );
    const chosen = cells[layer]?.[head];
    if (!chosen) return;
    const [box, frame] = [chosen.getBoundingClientRect(), root.getBoundingClientRect()];
    if (box.top < frame.top || box.bottom > frame.bottom) root.scrollTop += box.top - frame.top - frame.height / 2;
  }

  model.on("change:picture", drawCells);
  model.on("change:layer change:head change:pinned change:average change:large", drawChoice);
  drawCells();
}

export default { render };
