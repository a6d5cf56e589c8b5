// The view of course.viz.attention_explorer.view.CopyButtons. The kernel draws the picture; the page puts it into the
// clipboard, or, where it may not, into a file. Python puts this file behind attention_drawing.js.

const TYPES = { png: "image/png", svg: "image/svg+xml" };

function render({ model, el }) {
  const words = model.get("words");
  const root = make("div", "lm-copy");
  const said = make("span");
  said.setAttribute("role", "status");
  let waiting = {}; // by format: what to do with the picture when it comes

  function ask(format) {
    return new Promise((resolve, reject) => {
      waiting[format] = (bytes) => (bytes ? resolve(new Blob([bytes], { type: TYPES[format] })) : reject(new Error()));
      said.textContent = words.working;
      model.send({ format });
    });
  }

  function save(blob, format) {
    const link = make("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${model.get("name")}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    said.textContent = filled(words.saved, { file: link.download });
  }

  // A browser allows the clipboard only right after a click, so it is promised the picture that is still to come.
  async function copy(format) {
    const picture = ask(format);
    try {
      if (format === "svg") return save(await picture, format);
      try {
        await navigator.clipboard.write([new ClipboardItem({ [TYPES[format]]: picture })]);
        said.textContent = words.copied;
      } catch {
        save(await picture, format);
      }
    } catch {
      said.textContent = words.failed;
    }
  }

  model.on("msg:custom", ({ format }, [bytes]) => waiting[format]?.(bytes));
  for (const format of Object.keys(TYPES)) {
    const button = make("button", "", words[format]);
    button.type = "button";
    button.addEventListener("click", () => copy(format));
    root.append(button);
  }
  root.append(said);
  el.append(root);
}

export default { render };
