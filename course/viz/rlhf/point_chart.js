// The view of course.viz.rlhf.point_chart.PointChart: a list box whose options are points of a chart. It draws what the
// kernel sends and writes one trait back, `selected`. Text is set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560, HEIGHT = 300, LEFT = 46, RIGHT = 16, TOP = 10, BOTTOM = 40; // pixels
const SIZE = 5; // of a mark, in pixels
const HUES = 8; // as many as lesson_widget.css has

function make(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function render({ model, el }) {
  const figure = Object.assign(document.createElement("figure"), { className: "lm-chart lm-scatter" });
  const caption = document.createElement("figcaption");
  const drawing = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, role: "listbox" });
  drawing.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  figure.append(caption, drawing);
  el.append(figure);
  let points = [];
  let reachable = 0;

  function placesOf() {
    const { xlim, ylim } = model.get("axes");
    const across = (x) => LEFT + ((x - xlim[0]) / (xlim[1] - xlim[0])) * (WIDTH - LEFT - RIGHT);
    const up = (y) => HEIGHT - BOTTOM - ((y - ylim[0]) / (ylim[1] - ylim[0])) * (HEIGHT - BOTTOM - TOP);
    return { across, up };
  }

  function drawAxes({ across, up }) {
    const { xticks, yticks, xlabel, ylabel } = model.get("axes");
    const bottom = HEIGHT - BOTTOM;
    const parts = [];
    for (const [y, text] of yticks) {
      parts.push(make("path", { class: "lm-gridline", d: `M${LEFT},${up(y)} H${WIDTH - RIGHT}` }));
      parts.push(make("text", { x: LEFT - 5, y: up(y) + 4, "text-anchor": "end" }, text));
    }
    for (const [x, text] of xticks) {
      parts.push(make("path", { class: "lm-axis", d: `M${across(x)},${bottom} v4` }));
      parts.push(make("text", { x: across(x), y: bottom + 17, "text-anchor": "middle" }, text));
    }
    parts.push(make("path", { class: "lm-axis", d: `M${LEFT},${TOP} V${bottom} H${WIDTH - RIGHT}` }));
    parts.push(make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, xlabel));
    caption.textContent = ylabel;
    const group = make("g", { "aria-hidden": "true" });
    group.append(...parts);
    return group;
  }

  function makePoint(point, { across, up }) {
    const group = make("g", { class: "lm-point", role: "option", tabindex: -1, "aria-label": point.words });
    group.dataset.hue = point.hue % HUES;
    group.dataset.lmSuppressShortcuts = "true";
    const x = across(point.x);
    const ends = [up(point.proxy), point.gold === null ? up(point.proxy) : up(point.gold)];
    group.append(make("title", {}, point.words));
    group.append(make("path", { class: "lm-between", d: `M${x},${ends[0]} V${ends[1]}` }));
    if (point.gold !== null) {
      const d = `M${x},${ends[1] - SIZE - 1} l${SIZE + 1},${SIZE + 1} l${-SIZE - 1},${SIZE + 1} l${-SIZE - 1},${-SIZE - 1} Z`;
      group.append(make("path", { class: "lm-gold", d }));
    }
    group.append(make("circle", { class: "lm-proxy", cx: x, cy: ends[0], r: SIZE }));
    const [low, high] = [Math.min(...ends) - 9, Math.max(...ends) + 9];
    group.append(make("rect", { class: "lm-around", x: x - 9, y: low, width: 18, height: high - low, rx: 5 }));
    return group;
  }

  function draw() {
    const hadFocus = drawing.contains(document.activeElement);
    const places = placesOf();
    points = model.get("points").map((point) => makePoint(point, places));
    drawing.setAttribute("aria-label", model.get("axes").words);
    drawing.replaceChildren(drawAxes(places), ...points);
    drawSelected();
    if (hadFocus) points[reachable]?.focus();
  }

  function drawSelected() {
    const selected = model.get("selected");
    points.forEach((point, place) => {
      point.setAttribute("aria-selected", place === selected);
      point.setAttribute("tabindex", -1);
    });
    reachable = Math.max(0, Math.min(selected ?? reachable, points.length - 1));
    points[reachable]?.setAttribute("tabindex", 0);
    if (points[selected]) drawing.append(points[selected]); // over the others
  }

  function select(place) {
    model.set("selected", place);
    model.save_changes();
  }

  const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -Infinity, End: Infinity };
  drawing.addEventListener("keydown", (event) => {
    const place = points.indexOf(event.target.closest(".lm-point"));
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      const next = Math.max(0, Math.min(place + STEPS[event.key], points.length - 1));
      select(next);
      points[next].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      select(place);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  drawing.addEventListener("click", (event) => {
    const place = points.indexOf(event.target.closest(".lm-point"));
    if (place < 0) return;
    select(place);
    points[place].focus();
  });

  model.on("change:points change:axes", draw);
  model.on("change:selected", drawSelected);
  draw();
}

export default { render };
