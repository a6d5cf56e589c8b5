// Keys pressed in a widget stay in it: a front end would take "d d" there as "delete this cell". What it should still
// get: combinations with Ctrl or Cmd, such as saving, and Shift+Enter, which runs the cell. Every script of a widget that
// can stand by itself has this file in front.

function guardKeys(root) {
  const listener = (event) => {
    const command = event.ctrlKey || event.metaKey || (event.key === "Enter" && event.shiftKey);
    if (!command) event.stopPropagation();
  };
  root.addEventListener("keydown", listener);
  return () => root.removeEventListener("keydown", listener);
}
