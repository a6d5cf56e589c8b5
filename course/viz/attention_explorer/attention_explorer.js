// The view of course.viz.attention_view.AttentionView: what is common to lines and heatmap. Python puts this file behind
// attention_drawing.js, attention_lines.js and attention_heatmap.js. Hovering stays in the browser; one trait is written
// back, `query`. Text is set as text, never as HTML.

const SHARES = [0, 0.01, 0.1, 0.25, 0.5, 1]; // of the heatmap's legend
const MOST_SAID = 5; // tokens

// Each map as a function of the places of query and key.
function unpack({ maps, names, queries, keys }) {
  const bytes = new Uint8Array(maps.buffer, maps.byteOffset, maps.byteLength);
  const size = queries.length * keys.length;
  return names.map((_, number) => {
    const weights = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const low = 2 * (number * size + i);
      weights[i] = (bytes[low] + 256 * bytes[low + 1]) / 65535;
    }
    return (query, key) => weights[query * keys.length + key];
  });
}

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-attention");
  const readout = make("div", "lm-attention-readout");
  const stage = make("div", "lm-attention-stage");
  const legend = make("div", "lm-attention-legend");
  readout.setAttribute("role", "status");
  root.setAttribute("role", "group");
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  root.append(readout, stage, legend);
  el.append(root);

  let over = null; // what the mouse or the keyboard is at: {query}, {key}, or both
  let show = () => {}; // draws the lines or cells of what `over` is at
  const plot = {
    words,
    picture: {},
    maps: [],
    threshold: () => Math.max(model.get("threshold"), 1 / 65535),
    seen: (query, key) => !plot.picture.hidden.includes(key) && !(plot.picture.causal && key > query),
    kept() {
      const query = model.get("query");
      return query !== null && query < plot.picture.queries.length ? { query } : null;
    },
    keep(query) {
      model.set("query", query === model.get("query") ? null : query);
      model.save_changes();
    },
    point(at) {
      over = at;
      update();
    },
    say,
  };

  const weightsOf = (query, key) => plot.maps.map((map) => percent(map(query, key))).join(" / ");

  function say(at) {
    const { queries, keys, hidden, lost } = plot.picture;
    if (!at) return words.hint;
    if (at.query !== undefined && at.key !== undefined) {
      const names = filled(words.cell, { query: queries[at.query], key: keys[at.key] });
      return `${names}: ${plot.seen(at.query, at.key) ? weightsOf(at.query, at.key) : words.unseen}`;
    }
    const isQuery = at.query !== undefined;
    const others = isQuery ? keys : queries;
    const pairs = others.map((token, place) => ({ token, pair: isQuery ? [at.query, place] : [place, at.key] }));
    const largest = ({ pair }) => Math.max(...plot.maps.map((map) => map(...pair)));
    const best = pairs.filter((one) => largest(one) >= 0.005).sort((a, b) => largest(b) - largest(a));
    const parts = best.slice(0, MOST_SAID).map(({ token, pair }) => `${token} ${weightsOf(...pair)}`);
    if (isQuery && hidden.length) parts.push(`${words.lost} ${percent(lost[at.query])}`);
    const token = isQuery ? queries[at.query] : keys[at.key];
    return `${filled(isQuery ? words.query : words.key, { token })}: ${parts.join(" · ")}`;
  }

  function update() {
    if (!plot.picture.maps) return;
    const at = over ?? plot.kept();
    readout.textContent = say(at);
    show(at);
  }

  function drawAll() {
    plot.picture = model.get("picture");
    over = null;
    root.hidden = !plot.picture.maps;
    if (root.hidden) return stage.replaceChildren();
    plot.maps = unpack(plot.picture);
    root.setAttribute("aria-label", plot.picture.label);
    const heatmap = model.get("view") === "heatmap";
    show = (heatmap ? drawHeatmap : drawLines)(plot, stage);
    legend.replaceChildren(...(heatmap ? scale() : names()));
    update();
  }

  function scale() {
    const parts = [make("span", "", `${words.scale}:`)];
    for (const share of SHARES) {
      const swatch = make("i", "lm-swatch");
      swatch.style.setProperty("--lm-share", Math.sqrt(share));
      parts.push(swatch, make("span", "", percent(share)));
    }
    if (plot.picture.causal || plot.picture.hidden.length)
      parts.push(make("i", "lm-swatch lm-swatch-hidden"), make("span", "", words.unseen));
    return parts;
  }

  function names() {
    if (plot.maps.length === 1) return [];
    return plot.picture.names.flatMap((name, number) => [make("i", `lm-stroke lm-head-${number}`), make("span", "", name)]);
  }

  model.on("change:picture change:view", drawAll);
  model.on("change:query change:threshold", update);
  drawAll();
}

export default { render };
