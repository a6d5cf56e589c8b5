// The view of course.viz.attention_explorer.pair.PairView: bars of q, k and their terms, the arithmetic, the value.
// Python puts this file behind attention_drawing.js.

const [BAR_WIDTH, BAR_HEIGHT] = [640, 44]; // units of a row of bars; CSS makes it as wide as the page

function render({ model, el }) {
  const words = model.get("words");
  const root = make("section", "lm-pair");
  el.append(root);

  function draw() {
    const { title, note, rows, lines, softmax, keys, weights, place } = model.get("picture");
    root.hidden = !rows;
    if (root.hidden) return root.replaceChildren();
    const hadFocus = root.contains(document.activeElement);
    root.setAttribute("aria-label", title);
    const close = make("button", "lm-pair-close", `✕ ${words.close}`);
    close.type = "button";
    close.addEventListener("click", () => model.send({ open: null }));
    const head = make("div", "lm-pair-head");
    head.append(make("b", "", title), close);
    const name = (place) => (value) => filled(words.bar, { place, value: value.toPrecision(6) });
    const bars = rows.map(({ name: row, values }) => barRow(row, values, (i) => name(i)(values[i])));
    const shares = barRow(softmax, weights, (i) => `${isolated(keys[i])}: ${(100 * weights[i]).toFixed(2)}%`, place);
    const steps = make("dl");
    for (const [step, words] of lines) steps.append(make("dt", "", step), make("dd", "", words));
    root.replaceChildren(head, make("p", "", note), ...bars.slice(0, 3), steps, shares, ...bars.slice(3));
    if (hadFocus) close.focus();
  }

  // One row of bars, up and down from 0, with its largest size; `chosen` is the place of a bar that stands out.
  function barRow(name, values, title, chosen = -1) {
    const largest = Math.max(...values.map(Math.abs), 1e-12);
    const signed = values.some((value) => value < 0);
    const [zero, unit] = signed ? [BAR_HEIGHT / 2, BAR_HEIGHT / 2 / largest] : [BAR_HEIGHT, BAR_HEIGHT / largest];
    const step = BAR_WIDTH / values.length;
    const box = { viewBox: `0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`, preserveAspectRatio: "none", role: "img" };
    const svg = makeShape("svg", { ...box, "aria-label": name });
    values.forEach((value, i) => {
      const height = Math.max(Math.abs(value) * unit, 0.3);
      const side = value < 0 ? "lm-below" : "lm-above";
      const size = { x: i * step, width: 0.8 * step, y: value < 0 ? zero : zero - height, height };
      const bar = makeShape("rect", { ...size, class: i === chosen ? "lm-chosen" : side });
      bar.append(makeShape("title", {}));
      bar.firstChild.textContent = title(i);
      svg.append(bar);
    });
    svg.append(makeShape("path", { d: `M0 ${zero}H${BAR_WIDTH}` }));
    const row = make("div", "lm-pair-row");
    row.append(make("span", "", name), svg, make("small", "", `${signed ? "±" : "≤"} ${largest.toPrecision(3)}`));
    return row;
  }

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    model.send({ open: null });
    event.preventDefault();
    event.stopPropagation();
  });
  model.on("change:picture", draw);
  draw();
}

export default { render };
