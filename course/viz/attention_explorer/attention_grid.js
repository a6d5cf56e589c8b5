// The view of course.viz.attention_explorer.view.HeadGrid: a picture for each head of each layer. It writes three
// traits back: `layer` and `head`, and `pinned`. Python puts this file behind attention_drawing.js.

const MOST_PINNED = 3;
const LARGE = 120; // pixels; a head's picture that is smaller is enlarged under the pointer

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-heads");
  const tip = make("div", "lm-head-tip");
  const [enlarged, caption] = [make("canvas"), make("div")];
  tip.append(enlarged, caption);
  tip.popover = "manual"; // the top layer: an output area that scrolls does not cut it off
  tip.setAttribute("aria-hidden", "true"); // its text is the cell's name
  root.setAttribute("role", "radiogroup");
  root.setAttribute("aria-label", words.grid);
  el.append(root, tip);
  let cells = []; // by the number of the head, layer by layer
  let places = []; // the same in the order in which they are shown
  const inView = new Set(); // the cells that are not scrolled away: only these are painted
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      inView[isIntersecting ? "add" : "delete"](target);
      if (isIntersecting) paintCell(cells.indexOf(target));
    }
  });

  const shades = (number) => {
    const { rows, columns, maps } = model.get("picture");
    return bytesOf(maps).subarray(number * rows * columns, (number + 1) * rows * columns);
  };

  function drawCells() {
    const { layers = 0, heads = 0, order, numbers } = model.get("picture");
    root.hidden = layers === 0;
    hideTip();
    if (layers === 0) return arrange([], 0);
    const isNew = cells.length !== layers * heads;
    if (isNew) {
      watch.disconnect();
      inView.clear();
      cells = Array.from({ length: layers * heads }, (_, number) => makeCell(number));
    }
    const shown = [layers, heads, ...order, ...numbers].join();
    if (root.dataset.shown !== shown) {
      arrange(order, heads);
      nameCells();
      drawChoice();
    }
    root.dataset.shown = shown;
    cells.forEach((cell, number) => (isNew ? watch.observe(cell) : inView.has(cell) && paintCell(number)));
  }

  function nameCells() {
    const { numbers, measure } = model.get("picture");
    cells.forEach((cell, number) => {
      const [layer, head] = headOf(number);
      const name = filled(words.cell_name, { layer, head });
      cell.lastChild.textContent = numbers[number] ?? "";
      cell.setAttribute("aria-label", numbers.length ? `${name}, ${measure}: ${numbers[number]}` : name);
    });
  }

  function paintCell(number) {
    const { rows, columns, maps } = model.get("picture");
    if (number < 0 || !maps) return;
    const dark = shades(number);
    paint(cells[number].firstChild, rows, columns, (i) => dark[i]);
  }

  // Layer by layer with the layers' and heads' numbers, or sorted, with a number below each.
  function arrange(order, heads) {
    places = order.length ? order : [...cells.keys()];
    const parts = [];
    if (!order.length && heads) {
      parts.push(make("span", "lm-heads-corner", `${words.layer}\\${words.head}`));
      for (let head = 0; head < heads; head++) parts.push(make("span", "", head));
    }
    places.forEach((number, place) => {
      if (place % heads === 0) parts.push(make("span", "", order.length ? "" : place / heads));
      parts.push(cells[number]);
    });
    root.style.setProperty("--lm-heads", heads);
    root.classList.toggle("lm-sorted", order.length > 0);
    root.replaceChildren(...parts);
  }

  const headOf = (number) => [Math.floor(number / model.get("picture").heads), number % model.get("picture").heads];

  function makeCell(number) {
    const cell = make("div", "lm-head");
    cell.append(make("canvas"), make("small"));
    cell.setAttribute("role", "radio");
    cell.addEventListener("click", (event) => (event.shiftKey ? pin(number) : choose(number)));
    cell.addEventListener("pointerenter", () => showTip(number));
    cell.addEventListener("pointerleave", hideTip);
    cell.addEventListener("focus", () => cell.matches(":focus-visible") && showTip(number));
    cell.addEventListener("blur", hideTip);
    cell.addEventListener("keydown", (event) => {
      if (!plain(event)) return;
      if (event.key in ARROWS) {
        const [down, right] = ARROWS[event.key];
        const { heads } = model.get("picture");
        const place = places.indexOf(number);
        const row = Math.floor(place / heads) + down;
        const column = (place % heads) + right;
        const next = column >= 0 && column < heads ? places[row * heads + column] : undefined;
        if (next !== undefined) {
          choose(next);
          cells[next].focus();
        }
      } else if (event.key === "p" || event.key === "P") pin(number);
      else if (event.key === "Enter" || event.key === " ") choose(number);
      else if (event.key === "Escape") hideTip();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return cell;
  }

  function choose(number) {
    const [layer, head] = headOf(number);
    model.set({ layer, head });
    model.save_changes();
  }

  function pin(number) {
    const [layer, head] = headOf(number);
    const pinned = model.get("pinned");
    const others = pinned.filter(([l, h]) => l !== layer || h !== head);
    model.set("pinned", others.length < pinned.length ? others : [...others, [layer, head]].slice(-MOST_PINNED));
    model.save_changes();
  }

  function showTip(number) {
    const cell = cells[number];
    if (cell.getBoundingClientRect().width >= LARGE) return;
    const { rows, columns } = model.get("picture");
    const dark = shades(number);
    paint(enlarged, rows, columns, (i) => dark[i]);
    caption.textContent = cell.getAttribute("aria-label");
    if (!tip.matches(":popover-open")) tip.showPopover();
    const box = cell.getBoundingClientRect();
    const left = box.right + 8 + tip.offsetWidth <= window.innerWidth ? box.right + 8 : box.left - 8 - tip.offsetWidth;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${clamp(4, box.top - tip.offsetHeight / 2, window.innerHeight - tip.offsetHeight - 4)}px`;
  }

  function hideTip() {
    if (tip.matches(":popover-open")) tip.hidePopover();
  }

  function drawChoice() {
    if (cells.length === 0) return;
    const [layer, head, average] = ["layer", "head", "average"].map((name) => model.get(name));
    const pinned = model.get("pinned");
    root.classList.toggle("lm-large", model.get("large"));
    cells.forEach((cell, number) => {
      const [l, h] = headOf(number);
      const chosen = l === layer && h === head;
      cell.tabIndex = chosen ? 0 : -1;
      cell.setAttribute("aria-checked", chosen);
      cell.classList.toggle("lm-averaged", average === "layers" || (average === "heads" && l === layer));
      const at = pinned.findIndex(([pl, ph]) => pl === l && ph === h);
      cell.dataset.pinned = at < 0 ? "" : at + 1;
      cell.setAttribute("aria-description", at < 0 ? "" : filled(words.pinned, { place: at + 1 }));
    });
    const chosen = cells[layer * model.get("picture").heads + head];
    if (!chosen || root.scrollHeight <= root.clientHeight) return;
    const [box, frame] = [chosen.getBoundingClientRect(), root.getBoundingClientRect()];
    if (box.top < frame.top || box.bottom > frame.bottom) root.scrollTop += box.top - frame.top - frame.height / 2;
  }

  window.addEventListener("scroll", hideTip, { capture: true, passive: true });
  model.on("change:picture", drawCells);
  model.on("change:layer change:head change:pinned change:average change:large", drawChoice);
  drawCells();
  return () => {
    watch.disconnect();
    window.removeEventListener("scroll", hideTip, { capture: true });
  };
}

export default { render };
