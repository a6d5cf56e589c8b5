// The view of course.viz.prompting.block_list.BlockList: a list of cards. What is done with a card is sent to the kernel,
// which sends the cards back in their new state. Text is set as text, never as HTML.

function make(tag, className, texts = {}) {
  return Object.assign(document.createElement(tag), { className, ...texts });
}

function makeCard(block, words, send) {
  const card = make("li", "lm-block");
  const grip = make("span", "lm-grip", { textContent: "≡", title: words.drag });
  grip.setAttribute("aria-hidden", "true"); // keys and buttons move a card, too
  const name = make("b", "");
  const text = make("span", "lm-block-text", { dir: "auto" });
  const up = make("button", "lm-action lm-small", { textContent: "▲", type: "button" });
  const down = make("button", "lm-action lm-small", { textContent: "▼", type: "button" });
  const label = make("button", "lm-action lm-small", { type: "button" });
  const box = make("input", "", { type: "checkbox" });
  const on = make("label", "lm-block-on");
  on.append(box, ` ${words.on}`);
  up.addEventListener("click", () => send({ do: "move", block, by: -1 }));
  down.addEventListener("click", () => send({ do: "move", block, by: 1 }));
  label.addEventListener("click", () => send({ do: "flip", block }));
  box.addEventListener("change", () => send({ do: "switch", block }));
  const controls = make("span", "lm-block-controls");
  controls.append(label, on, up, down);
  card.append(grip, name, text, controls);
  card.parts = { grip, name, text, up, down, label, box, on };
  return card;
}

function fillCard(card, data, words, isFirst, isLast) {
  const { grip, name, text, up, down, label, box, on } = card.parts;
  card.dataset.kind = data.kind;
  card.block = data.block;
  card.isLast = data.is_last;
  card.classList.toggle("lm-left-out", !data.is_on);
  name.textContent = data.name;
  text.textContent = data.text;
  text.title = data.text;
  label.textContent = `${words.label}: ${data.label}`;
  label.hidden = !data.label;
  box.checked = data.is_on;
  for (const control of [up, down, on]) control.hidden = data.is_last;
  grip.style.visibility = data.is_last ? "hidden" : "";
  // A button that does nothing now keeps the focus: it is "off", not disabled.
  for (const [button, off] of [[up, isFirst], [down, isLast]]) {
    button.classList.toggle("lm-off", off);
    button.setAttribute("aria-disabled", String(off));
  }
  up.setAttribute("aria-label", `${words.up}, ${data.name}`);
  down.setAttribute("aria-label", `${words.down}, ${data.name}`);
  label.setAttribute("aria-label", `${label.textContent}, ${data.name}`);
  box.setAttribute("aria-label", `${words.on}, ${data.name}`);
}

function render({ model, el }) {
  const words = model.get("words");
  const list = make("ol", "lm-blocks");
  list.setAttribute("aria-label", words.list);
  const told = make("div", "lm-told");
  told.setAttribute("role", "status");
  el.append(list, told);
  const send = (message) => model.send(message);
  const cards = new Map(); // by the number of their block
  let dragged = null;

  function draw() {
    const focused = el.contains(document.activeElement) ? document.activeElement : null;
    const all = model.get("cards");
    const movable = all.filter((data) => !data.is_last).length;
    for (const [block, card] of cards) {
      if (all.some((data) => data.block === block)) continue;
      card.remove();
      cards.delete(block);
    }
    all.forEach((data, place) => {
      if (!cards.has(data.block)) cards.set(data.block, makeCard(data.block, words, send));
      const card = cards.get(data.block);
      fillCard(card, data, words, place === 0, place === movable - 1);
      if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null);
    });
    if (focused && focused !== document.activeElement) focused.focus(); // a card that moves in the page loses it
  }

  function drawTold() {
    told.textContent = model.get("told");
  }

  list.addEventListener("keydown", (event) => {
    const card = event.target.closest(".lm-block");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape" && dragged) {
      dragged = null;
      draw();
    } else if (by && event.altKey && !event.ctrlKey && !event.metaKey && !card.isLast) {
      send({ do: "move", block: card.block, by });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  // The list, which stays in its place, holds the pointer: the card that is dragged moves in the page meanwhile.
  const others = () => [...list.children].filter((card) => card !== dragged && !card.isLast);
  const middle = (card) => card.getBoundingClientRect().top + card.offsetHeight / 2;
  list.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".lm-grip")) return;
    dragged = event.target.closest(".lm-block");
    dragged.classList.add("lm-dragged");
    list.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const after = others().find((card) => middle(card) > event.clientY);
    const next = after ?? [...list.children].find((card) => card.isLast) ?? null;
    if (dragged.nextElementSibling !== next) list.insertBefore(dragged, next);
  });
  function drop(event) {
    if (!list.querySelector(".lm-dragged")) return;
    const card = dragged;
    for (const each of list.children) each.classList.remove("lm-dragged");
    dragged = null;
    const at = [...list.children].indexOf(card);
    if (event.type === "pointerup" && card && model.get("cards")[at]?.block !== card.block)
      send({ do: "place", block: card.block, at });
    else draw();
  }
  for (const type of ["pointerup", "pointercancel"]) list.addEventListener(type, drop);

  model.on("change:cards", draw);
  model.on("change:told", drawTold);
  draw();
  drawTold();
}

export default { render };
