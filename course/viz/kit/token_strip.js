// The view of course.viz.token_strip.TokenStrip: a list box whose options are tokens. It draws what the kernel sends
// and writes one trait back, `selected`. Text is set as text, never as HTML.

const HUES = 4; // as many as token_strip.css has

// One list item per token is kept and filled anew, so that typing does not rebuild the list.
function makeToken() {
  const item = document.createElement("li");
  item.className = "lm-token";
  item.setAttribute("role", "option");
  item.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  item.append(document.createElement("span"), document.createElement("small"));
  return item;
}

function fillToken(item, token, place) {
  const drawn = JSON.stringify(token);
  if (item.drawn === drawn) return;
  item.drawn = drawn;
  const [text, note] = item.children;
  text.textContent = token.sign ? `${token.sign} ${token.text}` : token.text;
  note.textContent = token.note;
  item.className = ["lm-token", token.mark && `lm-${token.mark}`].filter(Boolean).join(" ");
  if (token.strength === null) {
    item.dataset.hue = place % HUES;
    item.style.removeProperty("--lm-strength");
  } else {
    item.dataset.hue = "strength";
    item.style.setProperty("--lm-strength", token.strength);
  }
  item.setAttribute("aria-label", [token.text, token.meaning, token.note, ...token.lines].filter(Boolean).join(", "));
}

function render({ model, el }) {
  const list = document.createElement("ol");
  list.className = "lm-strip";
  list.setAttribute("role", "listbox");
  list.dataset.lmSuppressShortcuts = "true";
  const rest = document.createElement("span");
  rest.className = "lm-rest";
  const tip = document.createElement("div");
  tip.className = "lm-tip";
  tip.setAttribute("aria-hidden", "true"); // its lines are in the token's aria-label
  tip.popover = "manual"; // the top layer: an output area that scrolls does not cut it off
  el.append(list, rest, tip);

  const items = () => list.querySelectorAll(":scope > li");
  const placeOf = (event) => [...items()].indexOf(event.target.closest("li.lm-token"));

  // The one token that the Tab key reaches: the selected one, else the one last visited.
  let reachable = 0;
  function setReachable(place) {
    const all = items();
    if (all[reachable]) all[reachable].tabIndex = -1;
    reachable = Math.max(0, Math.min(place, all.length - 1));
    if (all[reachable]) all[reachable].tabIndex = 0;
  }

  function drawTokens() {
    const tokens = model.get("tokens");
    while (list.children.length > tokens.length) list.lastChild.remove();
    while (list.children.length < tokens.length) list.append(makeToken());
    tokens.forEach((token, place) => fillToken(list.children[place], token, place));
    for (const item of items()) item.tabIndex = -1;
    list.hidden = tokens.length === 0;
    rest.textContent = tokens.length ? model.get("more") : model.get("empty");
    list.setAttribute("aria-label", model.get("label"));
    hideTip();
    drawSelected();
  }

  function drawSelected() {
    const selected = model.get("selected");
    items().forEach((item, place) => item.setAttribute("aria-selected", place === selected));
    setReachable(selected ?? reachable);
  }

  let tipPlace = -1;
  function showTip(place) {
    const item = items()[place];
    const lines = model.get("tokens")[place]?.lines ?? [];
    if (!item || lines.length === 0) return hideTip();
    tipPlace = place;
    tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    if (!tip.matches(":popover-open")) tip.showPopover();
    const box = item.getBoundingClientRect();
    const below = box.bottom + 4 + tip.offsetHeight <= window.innerHeight;
    tip.style.left = `${Math.max(4, Math.min(box.left, window.innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${below ? box.bottom + 4 : box.top - 4 - tip.offsetHeight}px`;
  }

  function hideTip() {
    tipPlace = -1;
    if (tip.matches(":popover-open")) tip.hidePopover();
  }

  function select(place) {
    model.set("selected", place);
    model.save_changes();
  }

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  list.addEventListener("keydown", (event) => {
    const place = placeOf(event);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      const next = Math.max(0, Math.min(place + STEPS[event.key], items().length - 1));
      items()[next].focus();
      if (!model.get("press_only")) select(next);
    } else if (event.key === "Enter" || event.key === " ") {
      select(model.get("selected") === place ? null : place);
    } else if (event.key === "Escape") {
      hideTip();
      select(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (place >= 0) select(model.get("selected") === place ? null : place);
  });
  list.addEventListener("focusin", (event) => {
    const place = placeOf(event);
    setReachable(place);
    showTip(place);
  });
  list.addEventListener("focusout", hideTip);
  list.addEventListener("pointerover", (event) => showTip(placeOf(event)));
  list.addEventListener("pointerleave", hideTip);
  const follow = () => showTip(tipPlace);
  window.addEventListener("scroll", follow, { capture: true, passive: true });

  model.on("change:tokens", drawTokens);
  model.on("change:more change:empty change:label", drawTokens);
  model.on("change:selected", drawSelected);
  drawTokens();
  return () => window.removeEventListener("scroll", follow, { capture: true });
}

export default { render };
