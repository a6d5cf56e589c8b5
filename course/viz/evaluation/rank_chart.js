// The view of course.viz.evaluation.rank_chart.RankChart: a list box whose options are the rows of a leaderboard. It
// draws what the kernel sends and writes back which row was chosen. Text is set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 860, ROW = 21, TOP = 34, NAME = 310, SCORE = 318, TRACK = 175, TEXT = 505, RANKS = 590, RIGHT = 8; // pixels
const LONGEST = 44; // characters of a name

function make(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function render({ model, el }) {
  const figure = Object.assign(document.createElement("figure"), { className: "lm-chart lm-ranks" });
  const drawing = make("svg", { role: "listbox" });
  drawing.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  figure.append(drawing);
  el.append(figure);
  let rows = [];
  let reachable = 0;

  function makeAxes(height, count) {
    const { ticks, score, ranks } = model.get("axes");
    const group = make("g", { "aria-hidden": "true" });
    group.append(make("text", { x: SCORE, y: 12, class: "lm-value" }, score));
    group.append(make("text", { x: RANKS, y: 12, class: "lm-value" }, ranks));
    for (const [place, text] of ticks) {
      const x = SCORE + place * TRACK;
      group.append(make("path", { class: "lm-gridline", d: `M${x},${TOP - 4} V${height}` }));
      group.append(make("text", { x, y: TOP - 8, "text-anchor": "middle" }, text));
    }
    const cell = (WIDTH - RIGHT - RANKS) / count;
    for (const rank of new Set([1, Math.ceil(count / 2), count])) {
      group.append(make("text", { x: RANKS + (rank - 0.5) * cell, y: TOP - 8, "text-anchor": "middle" }, `${rank}`));
    }
    return group;
  }

  function makeRow(row, place, count) {
    const group = make("g", { class: "lm-rank-row", role: "option", tabindex: -1, "aria-label": row.words });
    group.dataset.lmSuppressShortcuts = "true";
    group.dataset.mark = row.mark;
    group.dataset.trivial = row.trivial;
    const top = TOP + place * ROW;
    const middle = top + ROW / 2;
    const name = row.name.length > LONGEST ? `${row.name.slice(0, LONGEST - 1)}…` : row.name;
    group.append(make("title", {}, row.words));
    group.append(make("rect", { class: "lm-around", x: 1, y: top + 1, width: WIDTH - 2, height: ROW - 2, rx: 4 }));
    group.append(make("text", { x: 8, y: middle + 4, class: "lm-value" }, row.mark));
    group.append(make("text", { x: NAME, y: middle + 4, "text-anchor": "end" }, name));
    group.append(make("path", { class: "lm-reach", d: `M${SCORE + row.low * TRACK},${middle} H${SCORE + row.high * TRACK}` }));
    group.append(make("circle", { class: "lm-dot", cx: SCORE + row.estimate * TRACK, cy: middle, r: 4 }));
    group.append(make("path", { class: "lm-now", d: `M${SCORE + row.at * TRACK},${top + 3} v${ROW - 6}` }));
    group.append(make("text", { x: TEXT, y: middle + 4 }, row.text));
    const cell = (WIDTH - RIGHT - RANKS) / count;
    row.shares.forEach((share, rank) => {
      if (!share) return;
      const height = ROW - 4;
      const attributes = { class: "lm-cell", x: RANKS + rank * cell, y: top + 2, width: cell, height };
      group.append(make("rect", { ...attributes, "fill-opacity": Math.max(0.06, Math.sqrt(share)) }));
    });
    const now = { class: "lm-now-rank", x: RANKS + (row.rank - 1) * cell, y: top + 2, width: cell, height: ROW - 4 };
    group.append(make("rect", now));
    return group;
  }

  function draw() {
    const hadFocus = drawing.contains(document.activeElement);
    const data = model.get("rows");
    const height = TOP + data.length * ROW + 4;
    drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
    drawing.setAttribute("aria-label", model.get("axes").words ?? "");
    rows = data.map((row, place) => makeRow(row, place, data.length));
    rows.forEach((row, place) => row.setAttribute("aria-selected", Boolean(data[place].mark)));
    drawing.replaceChildren(...(data.length ? [makeAxes(height, data.length)] : []), ...rows);
    reach(Math.min(reachable, rows.length - 1));
    if (hadFocus) rows[reachable]?.focus();
  }

  function reach(place) {
    reachable = Math.max(0, place);
    rows.forEach((row, other) => row.setAttribute("tabindex", other === reachable ? 0 : -1));
  }

  function select(place) {
    reach(place);
    model.set("selected", place);
    model.set("turn", model.get("turn") + 1);
    model.save_changes();
  }

  const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  drawing.addEventListener("keydown", (event) => {
    const place = rows.indexOf(event.target.closest(".lm-rank-row"));
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      reach(Math.max(0, Math.min(place + STEPS[event.key], rows.length - 1)));
      rows[reachable].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      select(place);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  drawing.addEventListener("click", (event) => {
    const place = rows.indexOf(event.target.closest(".lm-rank-row"));
    if (place < 0) return;
    select(place);
    rows[place].focus();
  });

  model.on("change:rows change:axes", draw);
  draw();
}

export default { render };
