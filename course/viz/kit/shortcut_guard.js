// Keys pressed in a widget stay in it: a front end would take "d d" there as "delete this cell". What it should still
// get: combinations with Ctrl or Cmd, such as saving, and Shift+Enter, which runs the cell. JupyterLab and nbclassic hear
// of a key after the widget, Notebook 7 before it, but for an element with the attribute of Lumino, which both respect.

const SUPPRESS = "data-lm-suppress-shortcuts";

function guardKeys(root) {
  const isCommand = (event) => event.ctrlKey || event.metaKey || (event.key === "Enter" && event.shiftKey);
  const before = (event) => {
    if (!root.contains(event.target)) return;
    if (!isCommand(event)) return event.target.setAttribute(SUPPRESS, "true");
    for (const element of [root, ...root.querySelectorAll(`[${SUPPRESS}]`)]) element.removeAttribute(SUPPRESS);
  };
  const after = (event) => isCommand(event) || event.stopPropagation();
  window.addEventListener("keydown", before, true);
  root.addEventListener("keydown", after);
  return () => {
    window.removeEventListener("keydown", before, true);
    root.removeEventListener("keydown", after);
  };
}
