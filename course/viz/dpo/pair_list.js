// The view of course.viz.dpo.pair_list.PairList: a group of two radio buttons for each pair. It draws what the kernel
// sends and writes one trait back, `choices`. Text is set as text, never as HTML.

let groups = 0; // on the page: radio buttons of one name belong together

function make(tag, className, texts = {}) {
  return Object.assign(document.createElement(tag), { className, ...texts });
}

function render({ model, el }) {
  const words = model.get("words");
  const list = make("div", "lm-pairs");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", words.list);
  el.append(list);
  let inputs = []; // of each pair, by option

  function choose(place, option) {
    const choices = [...model.get("choices")];
    choices[place] = option;
    model.set("choices", choices);
    model.save_changes();
  }

  function makeOption(place, name, option, text) {
    const label = make("label", "lm-pair-answer");
    const input = make("input", "", { type: "radio", name, value: option });
    input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
    input.addEventListener("change", () => choose(place, option));
    const said = make("span", "", { textContent: text || words.nothing, dir: "auto" });
    label.append(input, make("b", "", { textContent: option }), said);
    return [label, input];
  }

  function drawPairs() {
    inputs = [];
    list.replaceChildren(
      ...model.get("pairs").map(({ text, answers }, place) => {
        const name = `lm-pair-${(groups += 1)}`;
        const group = make("fieldset", "lm-pair");
        const legend = make("legend", "", { dir: "auto" });
        legend.append(make("b", "", { textContent: `${words.pair} ${place + 1}` }), ` ${text} …`);
        const options = ["A", "B"].map((option, which) => makeOption(place, name, option, answers[which]));
        inputs.push(Object.fromEntries(options.map(([, input]) => [input.value, input])));
        group.append(legend, ...options.map(([label]) => label));
        return group;
      }),
    );
    drawChoices();
  }

  function drawChoices() {
    const choices = model.get("choices");
    inputs.forEach((options, place) => {
      for (const [option, input] of Object.entries(options)) input.checked = choices[place] === option;
    });
  }

  list.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) event.stopPropagation();
  });
  model.on("change:pairs", drawPairs);
  model.on("change:choices", drawChoices);
  drawPairs();
}

export default { render };
