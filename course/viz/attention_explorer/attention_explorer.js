// The view of course.viz.attention_explorer.view.AttentionView: what is common to lines and heatmap. Python puts this
// file behind those of the drawings. Pointing stays in the browser; what is selected, muted or opened goes to the
// kernel. Text is set as text, never as HTML.

const SHARES = [0, 0.01, 0.1, 0.25, 0.5, 1]; // of the heatmap's legend
const MOST_SAID = 5; // tokens

// Each map as a function of the places of query and key.
function unpack({ maps, names, queries, keys }) {
  const bytes = bytesOf(maps);
  const size = queries.length * keys.length;
  const whole = new Uint16Array(bytes.slice().buffer); // little-endian, as every machine with a browser is
  return names.map((_, number) => (query, key) => whole[number * size + query * keys.length + key] / 65535);
}

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-attention");
  const readout = make("div", "lm-attention-readout");
  const stage = make("div", "lm-attention-stage");
  const legend = make("div", "lm-attention-legend");
  readout.setAttribute("role", "status");
  root.setAttribute("role", "group");
  root.append(readout, stage, legend);
  el.append(root);

  let over = null; // what the mouse or the keyboard is at: {queries}, {key}, a cell's {query, key}, or a line {near}
  let show = () => {}; // draws the lines or cells of what `over` is at
  let width = 0; // of the stage when it was drawn
  const plot = {
    words,
    picture: {},
    maps: [],
    selection: makeSelection(model, () => plot.picture.queries.length),
    threshold: () => Math.max(model.get("threshold"), 1 / 65535),
    drawn: () => [...plot.maps.keys()].filter((number) => !plot.picture.overlaid || !model.get("muted").includes(number)),
    mean: (number, queries, key) =>
      queries.reduce((sum, query) => sum + plot.maps[number](query, key), 0) / queries.length,
    pair() {
      const [pair, { queries, keys }] = [model.get("pair"), plot.picture];
      return pair && pair[0] < queries.length && pair[1] < keys.length ? pair : null;
    },
    kept() {
      const places = plot.selection.places();
      return places.length ? { queries: places } : null;
    },
    point(at) {
      over = at;
      update();
    },
    open: (number, query, key) => model.send({ open: [number, query, key] }),
    leave() {
      if (model.get("pair")) model.send({ open: null });
      else plot.selection.replace(null);
    },
    seen,
    say,
  };

  function seen(query, key) {
    const { hidden, causal, split, between } = plot.picture;
    if (hidden.includes(key) || (causal && key > query)) return false;
    if (split === null || between === "all") return true;
    const [from, to] = [query >= split, key >= split];
    return { a_to_b: !from && to, b_to_a: from && !to, within: from === to }[between];
  }

  const weightsOf = (queries, key) => {
    const drawn = plot.drawn();
    if (!plot.picture.overlaid) return drawn.map((number) => percent(plot.mean(number, queries, key))).join(" / ");
    const best = Math.max(...drawn.map((number) => plot.mean(number, queries, key)));
    const number = drawn.find((one) => plot.mean(one, queries, key) === best);
    return number === undefined ? "" : `${percent(best)} (${plot.picture.names[number]})`;
  };

  function say(at) {
    const { queries, keys, hidden, lost } = plot.picture;
    if (!at) return model.get("view") === "heatmap" ? words.map_hint : words.hint;
    if (at.near) {
      const names = nameOf(at.near);
      return `${names}: ${percent(at.near.weight)}${plot.maps.length > 1 ? ` (${plot.picture.names[at.near.number]})` : ""}`;
    }
    if (at.query !== undefined) {
      const names = nameOf(at);
      return `${names}: ${seen(at.query, at.key) ? weightsOf([at.query], at.key) : words.unseen}`;
    }
    const asks = at.queries;
    const pairs = (asks ? keys : queries).map((token, place) => ({ token, pair: asks ? [asks, place] : [[place], at.key] }));
    const largest = ({ pair }) => Math.max(...plot.drawn().map((number) => plot.mean(number, ...pair)));
    const best = pairs.filter((one) => largest(one) >= 0.005).sort((a, b) => largest(b) - largest(a));
    const sum = (pair) => (asks?.length > 1 && plot.maps.length === 1 ? plot.mean(0, ...pair) * asks.length : null);
    const parts = best.slice(0, MOST_SAID).map(({ token, pair }) => {
      const share = weightsOf(...pair);
      return `${isolated(token)} ${sum(pair) === null ? share : filled(words.sum, { share, sum: sum(pair).toFixed(2) })}`;
    });
    if (asks && hidden.length) {
      const mean = asks.reduce((total, query) => total + lost[query], 0) / asks.length;
      parts.push(`${words.lost} ${percent(mean)}`);
    }
    return `${whoLooks(at)}: ${parts.join(" · ")}`;
  }

  function nameOf({ query, key }) {
    const { queries, keys } = plot.picture;
    return filled(words.cell, { query: isolated(queries[query]), key: isolated(keys[key]) });
  }

  function whoLooks({ queries: asks, key }) {
    const { queries, keys } = plot.picture;
    if (!asks) return filled(words.key, { token: isolated(keys[key]) });
    if (asks.length === 1) return filled(words.query, { token: isolated(queries[asks[0]]) });
    return filled(words.queries_mean, { tokens: asks.map((query) => isolated(queries[query])).join(", "), count: asks.length });
  }

  function update() {
    if (!plot.picture.maps) return;
    const at = over ?? plot.kept();
    readout.textContent = say(at);
    show(at);
  }

  function drawAll() {
    const focused = placeOfFocus();
    plot.picture = model.get("picture");
    over = null;
    root.hidden = !plot.picture.maps;
    if (root.hidden) return stage.replaceChildren();
    plot.maps = unpack(plot.picture);
    root.setAttribute("aria-label", plot.picture.label);
    const heatmap = model.get("view") === "heatmap";
    width = stage.clientWidth;
    show = (heatmap ? drawHeatmap : drawLines)(plot, stage);
    legend.replaceChildren(...(heatmap ? scale() : names()));
    update();
    if (focused) stage.querySelectorAll("[tabindex]")[focused - 1]?.focus();
  }

  // The number of the focused part of the drawing, counted from 1; 0 when none is.
  function placeOfFocus() {
    return [...stage.querySelectorAll("[tabindex]")].indexOf(document.activeElement) + 1;
  }

  function scale() {
    const parts = [make("span", "", `${words.scale}:`)];
    for (const share of SHARES) {
      const swatch = make("i", "lm-swatch");
      swatch.style.setProperty("--lm-share", Math.sqrt(share));
      parts.push(swatch, make("span", "", percent(share)));
    }
    if (plot.picture.causal || plot.picture.hidden.length || plot.picture.between !== "all")
      parts.push(make("i", "lm-swatch lm-swatch-hidden"), make("span", "", words.unseen));
    return parts;
  }

  function names() {
    if (plot.maps.length === 1) return [];
    const { overlaid } = plot.picture;
    return plot.picture.names.map((name, number) => {
      const entry = make(overlaid ? "button" : "span", "lm-name");
      const stroke = makeShape("svg", { width: 26, height: 8, "aria-hidden": "true", class: colorOf(number, overlaid) });
      stroke.append(makeShape("path", { d: "M0 4H26", "stroke-dasharray": dashesOf(number, overlaid) }));
      entry.append(stroke, make("span", "", name));
      if (!overlaid) return entry;
      entry.type = "button";
      entry.setAttribute("aria-pressed", !model.get("muted").includes(number));
      entry.setAttribute("aria-label", filled(words.toggle, { name }));
      entry.addEventListener("click", () => mute(number));
      return entry;
    });
  }

  function mute(number) {
    const muted = model.get("muted");
    model.set("muted", muted.includes(number) ? muted.filter((one) => one !== number) : [...muted, number]);
    model.save_changes();
  }

  function drawMuted() {
    [...legend.querySelectorAll("button")].forEach((entry, number) => {
      entry.setAttribute("aria-pressed", !model.get("muted").includes(number));
    });
    update();
  }

  const resized = new ResizeObserver(() => {
    if (model.get("view") === "heatmap" && Math.abs(stage.clientWidth - width) > 1) drawAll();
  });
  resized.observe(stage);
  model.on("change:picture change:view", drawAll);
  model.on("change:query change:others change:threshold change:pair", update);
  model.on("change:muted", drawMuted);
  drawAll();
  return () => resized.disconnect();
}

export default { render };
