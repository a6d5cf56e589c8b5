// The view of course.viz.alignment_map.AlignmentMap: a heatmap whose rows are output symbols, and the weights of one row
// as bars. It draws what the kernel sends and writes one trait back, `selected`. Text is set as text, never as HTML.

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

const percent = (weight) => (weight > 0 && weight < 0.005 ? "<1%" : `${Math.round(100 * weight)}%`);

function render({ model, el }) {
  const table = make("table", "lm-alignment");
  table.setAttribute("role", "listbox");
  table.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  const bars = make("table", "lm-bars lm-alignment-row");
  const root = make("div", "lm-alignment-view");
  const region = make("div", "lm-alignment-region"); // a long input scrolls here
  region.setAttribute("role", "region");
  region.append(table);
  root.append(region, bars);
  el.append(root);
  let rows = [];

  function drawMap() {
    const { queries, keys, weights } = { queries: [], keys: [], weights: [], ...model.get("picture") };
    root.hidden = queries.length === 0;
    for (const part of [table, region]) part.setAttribute("aria-label", model.get("label"));
    table.style.setProperty("--lm-columns", keys.length);
    rows = queries.map((query, place) => {
      const row = make("tr");
      row.setAttribute("role", "option");
      row.dataset.lmSuppressShortcuts = "true";
      row.append(make("th", "", query));
      keys.forEach((key, column) => {
        const cell = make("td");
        cell.style.setProperty("--lm-strength", weights[place][column]);
        cell.title = `${query} ← ${key}: ${percent(weights[place][column])}`;
        row.append(cell);
      });
      const best = weights[place].indexOf(Math.max(...weights[place]));
      row.setAttribute("aria-label", `${query} ← ${keys[best]} ${percent(weights[place][best])}`);
      return row;
    });
    const foot = make("tr");
    foot.append(make("th"), ...keys.map((key) => make("th", "", key)));
    foot.setAttribute("aria-hidden", "true"); // the bars name the keys
    const body = make("tbody");
    body.append(...rows, foot);
    table.replaceChildren(body);
    drawSelected();
  }

  function drawSelected() {
    const selected = model.get("selected");
    rows.forEach((row, place) => {
      row.setAttribute("aria-selected", place === selected);
      row.tabIndex = place === selected ? 0 : -1;
    });
    drawBars(selected);
  }

  function drawBars(place) {
    const { queries = [], keys = [], weights = [] } = model.get("picture");
    if (!(place in queries)) return bars.replaceChildren();
    const lines = keys.map((key, column) => {
      const weight = weights[place][column];
      const line = make("tr", weight === Math.max(...weights[place]) ? "lm-marked" : "");
      const cell = make("td");
      const [track, bar] = [make("div", "lm-track"), make("div", "lm-bar")];
      bar.style.width = `${(100 * weight).toFixed(2)}%`;
      track.append(bar);
      cell.append(track);
      line.append(make("th", "", key), cell, make("td", "lm-number", percent(weight)), make("td", "lm-note"));
      return line;
    });
    const body = make("tbody");
    body.append(...lines);
    bars.replaceChildren(make("caption", "", model.get("caption").replace("{symbol}", queries[place])), body);
  }

  function select(place) {
    model.set("selected", place);
    model.save_changes();
  }

  const placeOf = (event) => rows.indexOf(event.target.closest("tr"));
  const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  table.addEventListener("keydown", (event) => {
    const place = placeOf(event);
    if (place < 0 || !(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = Math.max(0, Math.min(place + STEPS[event.key], rows.length - 1));
    select(next);
    rows[next].focus();
    event.preventDefault();
    event.stopPropagation();
  });
  table.addEventListener("click", (event) => placeOf(event) >= 0 && select(placeOf(event)));
  table.addEventListener("pointerover", (event) => placeOf(event) >= 0 && drawBars(placeOf(event)));
  table.addEventListener("pointerleave", () => drawBars(model.get("selected")));

  model.on("change:picture change:label change:caption", drawMap);
  model.on("change:selected", drawSelected);
  drawMap();
}

export default { render };
