// The view of course.viz.gpt.model_view.ModelDrawing. The kernel draws the SVG; this file makes its parts answer to
// mouse and keys, and says the numbers of what is pointed at. Python puts this file behind attention_drawing.js.

const HOPS = ".lm-part[data-part], .lm-part[data-fold]"; // what the arrow keys go to

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-model");
  const tip = make("div", "lm-model-tip");
  tip.popover = "manual";
  tip.setAttribute("role", "status");
  el.append(root, tip);
  let at = ""; // which part the keyboard is at, as `nameOf` writes it
  let pointer = null; // where the mouse is in the drawing, in pixels of the window
  let numbers = { rows: {}, cells: {} };

  const nameOf = ({ dataset }) => dataset.part ?? ("fold" in dataset ? "fold" : "");
  const hops = () => [...root.querySelectorAll(HOPS)].filter((one, i, all) => all.findIndex((x) => nameOf(x) === nameOf(one)) === i);
  const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  const decode = (part) => Object.fromEntries(Object.entries(part).map(([name, view]) => [name, floats(view)]));

  function draw() {
    const { svg, rows, cells } = model.get("picture");
    if (!svg) return;
    const focused = root.contains(document.activeElement);
    root.innerHTML = svg;
    numbers = { rows: decode(rows), cells: decode(cells) };
    const stops = hops();
    const stop = stops.find((part) => nameOf(part) === at) ?? stops[0];
    stop.setAttribute("tabindex", 0);
    hideTip();
    if (focused) stop.focus({ preventScroll: true });
    if (pointer) sayWhatIsPointedAt();
  }

  // --- What is pointed at ---

  // Row and column under a point of a part, or none above and below its rows.
  function under(part, event) {
    const { left, top, step, n, cell } = part.dataset;
    if (!step) return {};
    const svg = part.ownerSVGElement;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const row = Math.floor((y - top) / step);
    if (row < 0 || row >= n) return {};
    const column = cell > 0 ? clamp(0, Math.floor((x - left) / cell), "block" in part.dataset ? 1e9 : n - 1) : undefined;
    return { row, column };
  }

  const written = (value) => {
    if (value === -Infinity) return words.hidden;
    const digits = Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(4);
    return digits.replace("-", "−");
  };

  const labelOf = (part) =>
    part.getAttribute("aria-label") ?? hops().find((one) => nameOf(one) === nameOf(part)).getAttribute("aria-label");

  function say(part, row, column) {
    const tokens = model.get("picture").tokens;
    const name = part.dataset.block ? "blocks" : part.dataset.part;
    const label = labelOf(part);
    if (row === undefined) return [label];
    const cells = numbers.cells[name];
    if (name === "blocks") {
      const blocks = cells.length / tokens.length;
      const block = part.dataset.block ?? column;
      return [filled(words.stack, { token: isolated(tokens[row]), block, length: written(cells[row * blocks + +block]) })];
    }
    if (cells && column !== undefined) {
      const value = written(cells[row * tokens.length + column]);
      return [label.split(",")[0], filled(words.pair, { query: isolated(tokens[row]), key: isolated(tokens[column]), value })];
    }
    const rows = numbers.rows[name];
    if (!rows) return [label];
    const [length, largest, place] = rows.subarray(3 * row, 3 * row + 3);
    return [
      label.split(",")[0],
      filled(words.vector, { token: isolated(tokens[row]), length: written(length), largest: written(largest), place }),
    ];
  }

  function showTip(lines, x, y) {
    tip.replaceChildren(...lines.map((line) => make("div", "", line)));
    if (!tip.matches(":popover-open")) tip.showPopover();
    const below = y + 18 + tip.offsetHeight <= window.innerHeight;
    tip.style.left = `${clamp(4, x + 12, window.innerWidth - tip.offsetWidth - 4)}px`;
    tip.style.top = `${below ? y + 18 : y - 10 - tip.offsetHeight}px`;
  }

  function hideTip() {
    if (tip.matches(":popover-open")) tip.hidePopover();
  }

  function sayWhatIsPointedAt() {
    const { clientX, clientY } = pointer;
    const part = document.elementFromPoint(clientX, clientY)?.closest(".lm-part");
    if (!root.contains(part ?? null)) return hideTip();
    const { row, column } = under(part, pointer);
    showTip(say(part, row, column), clientX, clientY);
  }

  root.addEventListener("pointermove", (event) => {
    pointer = event;
    sayWhatIsPointedAt();
  });
  root.addEventListener("pointerleave", () => {
    pointer = null;
    hideTip();
  });
  root.addEventListener("focusin", ({ target: part }) => {
    if (!part.matches(HOPS)) return;
    at = nameOf(part);
    for (const one of hops()) one.setAttribute("tabindex", one === part ? 0 : -1);
    if (!part.matches(":focus-visible")) return;
    const { left, bottom } = part.getBoundingClientRect();
    showTip([part.getAttribute("aria-label")], left - 12, Math.min(bottom, window.innerHeight) - 14);
  });
  root.addEventListener("focusout", hideTip);

  // --- What is asked of the kernel ---

  const opened = () => root.querySelector('.lm-part[aria-expanded="true"]')?.dataset.part ?? "";
  const chosen = (what) => Number(root.querySelector(`.lm-part[data-${what}][aria-pressed="true"]`)?.dataset[what] ?? 0);

  // Steps from where the kernel is. Those of keys that are faster than its answers add up to one.
  let steps = {};
  let isWaiting = false;
  function step(what, by) {
    steps[what] = (steps[what] ?? 0) + by;
    if (!isWaiting) sendSteps();
  }

  function sendSteps() {
    isWaiting = Object.keys(steps).length > 0;
    if (isWaiting) model.send({ by: steps });
    steps = {};
  }

  model.on("msg:custom", sendSteps);

  function choose(part, { row, column } = {}) {
    const { part: name, fold, block, head, token, key } = part.dataset;
    if (fold !== undefined) return model.send({ unfolded: fold === "1" });
    if (block !== undefined) return model.send({ block: +block, unfolded: true, ...(row === undefined ? {} : { token: row }) });
    if (head !== undefined) return model.send({ head: +head });
    if (token !== undefined) return model.send({ token: +token });
    if (key !== undefined) return model.send({ key: +key });
    const state = {};
    if (row !== undefined) state.token = row;
    if (column !== undefined) state.key = column;
    const moves = row !== undefined && row !== chosen("token");
    state.part = name === opened() && !moves && column === undefined ? "" : name;
    model.send(state);
  }

  root.addEventListener("click", (event) => {
    const part = event.target.closest(".lm-part");
    if (!part) return;
    if (part.matches(HOPS)) at = nameOf(part);
    choose(part, under(part, event));
  });

  function go(part, by) {
    const stops = hops();
    const names = stops.map(nameOf);
    const next = by === -Infinity ? 0 : by === Infinity ? stops.length - 1 : names.indexOf(nameOf(part)) + by;
    stops[clamp(0, next, stops.length - 1)].focus();
  }

  const KEYS = {
    ArrowRight: (part) => go(part, 1),
    ArrowLeft: (part) => go(part, -1),
    Home: (part) => go(part, -Infinity),
    End: (part) => go(part, Infinity),
    ArrowDown: () => step("token", 1),
    ArrowUp: () => step("token", -1),
    PageDown: () => step("block", 1),
    PageUp: () => step("block", -1),
    Enter: (part) => choose(part),
    " ": (part) => choose(part),
    Escape: () => model.send({ part: "" }),
  };
  root.addEventListener("keydown", (event) => {
    const part = event.target.closest(".lm-part");
    if (!part || !plain(event) || !(event.key in KEYS)) return;
    if (event.shiftKey && event.key in ARROWS) {
      const [down, right] = ARROWS[event.key];
      step(...(right ? ["key", right] : ["head", down]));
    } else KEYS[event.key](part);
    event.preventDefault();
    event.stopPropagation();
  });

  window.addEventListener("scroll", hideTip, { capture: true, passive: true });
  model.on("change:picture", draw);
  draw();
  return () => window.removeEventListener("scroll", hideTip, { capture: true });
}

export default { render };
