// The view of course.viz.kit.message_line.MessageLine: an error, or that work goes on, or that the kernel no longer knows
// the widget. It also looks after the widget around it. Python puts shortcut_guard.js and control_names.js in front.

const LOST = "jupyter-widgets-disconnected"; // the class that ipywidgets gives whatever its kernel has forgotten
const BLOCKED = ["keydown", "beforeinput", "pointerdown", "mousedown", "click"];

// Without a kernel nothing in the widget does anything: it says so instead of pretending.
function blockWhenLost(root) {
  const block = (event) => {
    const leaves = event.key === "Tab" || event.ctrlKey || event.metaKey;
    const off = event.target.closest(".lm-off") && event.type === "click";
    if (!off && (leaves || !root.classList.contains(LOST))) return;
    const focuses = event.type === "pointerdown" || (event.type === "mousedown" && !event.target.closest("select"));
    if (!focuses) event.preventDefault(); // what takes the focus keeps the keys from the notebook
    event.stopImmediatePropagation();
  };
  for (const type of BLOCKED) root.addEventListener(type, block, true);
  return () => BLOCKED.forEach((type) => root.removeEventListener(type, block, true));
}

function render({ model, el }) {
  const words = model.get("words");
  const box = document.createElement("div");
  const error = document.createElement("div");
  const working = document.createElement("div");
  const lost = document.createElement("div");
  box.className = "lm-message";
  error.className = "lm-alert";
  error.setAttribute("role", "alert");
  working.className = "lm-status";
  working.setAttribute("role", "status");
  working.textContent = words.working;
  lost.className = "lm-lost";
  lost.textContent = words.lost;
  box.append(working, lost);
  el.append(box);

  let root = null;
  let leave = [];

  function drawError() {
    const message = model.get("error");
    const title = Object.assign(document.createElement("b"), { textContent: words.error });
    error.replaceChildren(title, ` ${message}`);
    if (message) box.prepend(error); // and so it is announced
    else error.remove();
  }

  function drawState() {
    working.hidden = !model.get("working");
    root?.classList.toggle("lm-stale", model.get("stale"));
  }

  // ipywidgets puts a view into the page after it is rendered: only then can the widget around it be found.
  const placed = new ResizeObserver(() => {
    const around = el.closest(".lm-widget");
    if (around === root || !around) return;
    leave.forEach((end) => end());
    root = around;
    root.tabIndex = -1; // what is clicked in it, text or picture too, takes the focus, and so the keys, into it
    leave = [guardKeys(root), watchControls(root), blockWhenLost(root)];
    drawState();
  });
  placed.observe(el);

  model.on("change:error", drawError);
  model.on("change:working change:stale", drawState);
  drawError();
  drawState();
  return () => {
    placed.disconnect();
    leave.forEach((end) => end());
  };
}

export default { render };
