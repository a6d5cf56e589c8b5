// Lines from the tokens that look, on the left, to the tokens looked at. `plot` is what attention_explorer.js gives.

const LEVELS = 10; // shades of the lines
const GAP = 200; // units of the drawing between the columns of tokens; CSS makes it narrower where there is less room
const REACH = 8; // pixels from a line within which the pointer is on it

function drawLines(plot, stage) {
  const { queries, keys, hidden, overlaid } = plot.picture;
  const { maps, words, selection } = plot;
  const rows = Math.max(queries.length, keys.length);
  const row = clamp(15, Math.floor(640 / rows), 24);
  const grid = make("div", "lm-attention-lines");
  grid.style.setProperty("--lm-maps", overlaid ? 2 : maps.length);
  const left = column(queries, "query");
  const right = column(keys, "key");
  const size = { viewBox: `0 0 ${GAP} ${rows * row}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  const svg = makeShape("svg", size);
  svg.style.height = `${rows * row}px`;
  grid.append(make("div", "lm-side", words.looks), make("div"), make("div", "", words.looked_at), left, svg, right);
  stage.replaceChildren(grid);

  function column(tokens, side) {
    const list = make("ol", side === "query" ? "lm-attention-queries" : "lm-attention-keys");
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", side === "query" ? words.queries : words.keys);
    if (side === "query") list.setAttribute("aria-multiselectable", "true");
    tokens.forEach((token, place) => {
      const item = make("li", side === "key" && hidden.includes(place) ? "lm-unseen" : "");
      item.setAttribute("role", "option");
      item.tabIndex = place ? -1 : 0;
      item.style.height = `${row}px`;
      item.append(make("span", "lm-word", token), make("small"));
      item.title = token;
      item.addEventListener("pointerenter", () => plot.point(atToken(side, place)));
      item.addEventListener("focus", () => {
        for (const one of list.children) one.tabIndex = one === item ? 0 : -1;
        plot.point(atToken(side, place));
      });
      item.addEventListener("click", (event) => {
        if (side === "key") openFrom(place);
        else if (event.shiftKey) selection.toggle(place);
        else selection.replace(place);
      });
      list.append(item);
    });
    list.addEventListener("pointerleave", () => plot.point(null));
    list.addEventListener("focusout", () => plot.point(null));
    return list;
  }

  const atToken = (side, place) => (side === "query" ? { queries: [place] } : { key: place });

  // The pair of a key: with the selected query, or else with the one that looks at it most.
  function openFrom(key) {
    const candidates = selection.places().length ? selection.places() : queries.map((_, query) => query);
    let best = null;
    for (const query of candidates)
      for (const number of plot.drawn())
        if (plot.seen(query, key) && (!best || maps[number](query, key) > best.weight))
          best = { number, query, weight: maps[number](query, key) };
    if (best) plot.open(best.number, best.query, key);
  }

  grid.addEventListener("keydown", (event) => {
    const lists = [left, right];
    const side = lists.findIndex((list) => list.contains(event.target));
    if (side < 0 || !plain(event)) return;
    const place = [...lists[side].children].indexOf(event.target);
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const focus = (list, at) => list.children[clamp(0, at, list.children.length - 1)].focus();
    if (event.key in steps) focus(lists[side], place + steps[event.key]);
    else if (event.key === "ArrowRight") focus(right, place);
    else if (event.key === "ArrowLeft") focus(left, place);
    else if (event.key === "Enter" && side === 0) selection.replace(place);
    else if (event.key === " " && side === 0) selection.toggle(place);
    else if (event.key === "Enter" || event.key === " ") openFrom(place);
    else if (event.key === "Escape") plot.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const shift = (number) => (overlaid ? 0 : (row * (number - (maps.length - 1) / 2)) / 8); // beside each other
  const height = (place, number) => (place + 0.5) * row + shift(number);
  const line = ({ number, query, key }) =>
    `M2 ${height(query, number).toFixed(1)}L${GAP - 2} ${height(key, number).toFixed(1)}`;

  // Calls `each` for every line that is drawn.
  function forEachLine(at, each) {
    const threshold = plot.threshold();
    for (const number of plot.drawn())
      for (const query of at?.queries ?? queries.keys())
        for (let key = 0; key < keys.length; key++) {
          const weight = maps[number](query, key);
          if (weight >= threshold && (at?.key === undefined || at.key === key)) each({ number, query, key, weight });
        }
  }

  // The line at the pointer: the nearest, and of lines that are equally near the strongest.
  function under(event) {
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const y = event.clientY - box.top;
    let best = null;
    forEachLine(plot.kept(), (one) => {
      const [start, end] = [height(one.query, one.number), height(one.key, one.number)];
      const slope = Math.hypot(1, (end - start) / box.width); // distance is measured across the line
      const distance = Math.abs(start + share * (end - start) - y) / slope - one.weight;
      if (distance < REACH && (!best || distance < best.distance)) best = { ...one, distance };
    });
    return best;
  }

  svg.addEventListener("pointermove", (event) => {
    const near = under(event);
    svg.style.cursor = near ? "pointer" : "";
    plot.point(near && { near });
  });
  svg.addEventListener("pointerleave", () => plot.point(null));
  svg.addEventListener("click", (event) => {
    const near = under(event);
    if (near) plot.open(near.number, near.query, near.key);
  });

  // All lines of one head and one shade are one path.
  function shapes(at) {
    const paths = maps.map(() => Array(LEVELS).fill(""));
    forEachLine(at, (one) => {
      paths[one.number][Math.min(LEVELS - 1, Math.floor(one.weight * LEVELS))] += line(one);
    });
    const drawn = [];
    for (let level = 0; level < LEVELS; level++) {
      const weight = (level + 0.5) / LEVELS;
      const style = { "stroke-opacity": Math.sqrt(weight).toFixed(2), "stroke-width": (0.8 + 3 * weight).toFixed(1) };
      paths.forEach((levels, number) => {
        if (!levels[level]) return;
        const look = { class: colorOf(number, overlaid), "stroke-dasharray": dashesOf(number, overlaid) };
        drawn.push(makeShape("path", { d: levels[level], ...look, ...style }));
      });
    }
    return drawn;
  }

  function marked(at) {
    const found = [];
    const pair = plot.pair();
    if (pair) found.push(makeShape("path", { class: "lm-opened", d: line({ number: 0, query: pair[0], key: pair[1] }) }));
    if (at?.near) found.push(makeShape("path", { class: `lm-near ${colorOf(at.near.number, overlaid)}`, d: line(at.near) }));
    return found;
  }

  // The numbers at a token: each head's weight, or the strongest of a whole layer.
  function numbers(queries, key) {
    const weight = (number) => plot.mean(number, queries, key);
    const drawn = plot.drawn();
    const strongest = Math.max(...drawn.flatMap((number) => queries.map((query) => maps[number](query, key))));
    if (!drawn.length || strongest < plot.threshold()) return [];
    if (!overlaid) return drawn.map((number) => make("b", colorOf(number, false), percent(weight(number))));
    const best = drawn.reduce((one, other) => (weight(other) > weight(one) ? other : one));
    return [make("b", colorOf(best, true), `${best}: ${percent(weight(best))}`)];
  }

  function mark(list, side, at) {
    const places = selection.places();
    const kept = side === "query" ? (place) => places.includes(place) : () => false;
    [...list.children].forEach((item, place) => {
      const linked = side === "key" ? at?.queries && [at.queries, place] : at?.key !== undefined && [[place], at.key];
      const shown = linked ? numbers(...linked) : [];
      const here = side === "key" ? at?.key === place : (at?.queries?.includes(place) ?? false);
      item.lastChild.replaceChildren(...shown);
      item.classList.toggle("lm-quiet", Boolean(at) && !shown.length && !here);
      item.classList.toggle("lm-at", here);
      item.setAttribute("aria-selected", kept(place));
      item.setAttribute("aria-label", here ? plot.say(atToken(side, place)) : item.title);
    });
  }

  return function show(at) {
    const whole = at?.near ? plot.kept() : at;
    svg.replaceChildren(...shapes(whole), ...marked(at));
    mark(left, "query", whole);
    mark(right, "key", whole);
  };
}
