// Lines from the tokens that look, on the left, to the tokens looked at. `plot` is what attention_explorer.js gives.

const LEVELS = 10; // shades of the lines
const GAP = 200; // pixels between the columns of tokens

function drawLines(plot, stage) {
  const { queries, keys, hidden } = plot.picture;
  const { maps, words } = plot;
  const rows = Math.max(queries.length, keys.length);
  const row = clamp(15, Math.floor(640 / rows), 24);
  const grid = make("div", "lm-attention-lines");
  grid.style.setProperty("--lm-maps", maps.length);
  const left = column(queries, "query");
  const right = column(keys, "key");
  const svg = makeShape("svg", { width: GAP, height: rows * row, "aria-hidden": "true" });
  grid.append(make("div", "lm-side", words.looks), make("div"), make("div", "", words.looked_at), left, svg, right);
  stage.replaceChildren(grid);

  function column(tokens, side) {
    const list = make("ol", side === "query" ? "lm-attention-queries" : "lm-attention-keys");
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", side === "query" ? words.queries : words.keys);
    tokens.forEach((token, place) => {
      const item = make("li", side === "key" && hidden.includes(place) ? "lm-unseen" : "");
      item.setAttribute("role", "option");
      item.tabIndex = place ? -1 : 0;
      item.style.height = `${row}px`;
      item.append(make("span", "lm-word", token), make("small"));
      item.title = token;
      item.addEventListener("pointerenter", () => plot.point({ [side]: place }));
      item.addEventListener("focus", () => {
        for (const one of list.children) one.tabIndex = one === item ? 0 : -1;
        plot.point({ [side]: place });
      });
      if (side === "query") item.addEventListener("click", () => plot.keep(place));
      list.append(item);
    });
    list.addEventListener("pointerleave", () => plot.point(null));
    list.addEventListener("focusout", () => plot.point(null));
    return list;
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
    else if ((event.key === "Enter" || event.key === " ") && side === 0) plot.keep(place);
    else if (event.key === "Escape") plot.keep(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // All lines of one head and one shade are one path.
  function paths(map, number, at) {
    const levels = Array.from({ length: LEVELS }, () => "");
    const shift = (row * (number - (maps.length - 1) / 2)) / 8; // several heads' lines lie beside each other
    const height = (place) => ((place + 0.5) * row + shift).toFixed(1);
    for (let query = 0; query < queries.length; query++) {
      if (at?.query !== undefined && at.query !== query) continue;
      for (let key = 0; key < keys.length; key++) {
        const weight = map(query, key);
        if (weight < plot.threshold() || (at?.key !== undefined && at.key !== key)) continue;
        levels[Math.min(LEVELS - 1, Math.floor(weight * LEVELS))] += `M2 ${height(query)}L${GAP - 2} ${height(key)}`;
      }
    }
    return levels;
  }

  function mark(list, side, other, at) {
    [...list.children].forEach((item, place) => {
      const linked = at?.[other] !== undefined;
      const pair = linked && (side === "key" ? [at.query, place] : [place, at.key]);
      const drawn = linked && maps.some((map) => map(...pair) >= plot.threshold());
      const numbers = drawn ? maps.map((map, number) => make("b", `lm-head-${number}`, percent(map(...pair)))) : [];
      item.lastChild.replaceChildren(...numbers);
      item.classList.toggle("lm-quiet", at !== null && !drawn && at[side] !== place);
      item.classList.toggle("lm-at", at?.[side] === place);
      item.setAttribute("aria-selected", side === "query" && place === plot.kept()?.query);
      item.setAttribute("aria-label", at?.[side] === place ? plot.say({ [side]: place }) : item.title);
    });
  }

  return function show(at) {
    const levels = maps.map((map, number) => paths(map, number, at));
    const shapes = [];
    for (let level = 0; level < LEVELS; level++) {
      const weight = (level + 0.5) / LEVELS;
      const style = { "stroke-opacity": Math.sqrt(weight).toFixed(2), "stroke-width": (0.8 + 3 * weight).toFixed(1) };
      levels.forEach((paths, number) => {
        if (paths[level]) shapes.push(makeShape("path", { d: paths[level], class: `lm-head-${number}`, ...style }));
      });
    }
    svg.replaceChildren(...shapes);
    mark(left, "query", "key", at);
    mark(right, "key", "query", at);
  };
}
