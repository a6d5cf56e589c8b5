// What ipywidgets' controls do not tell a screen reader: the name and the value of a slider, which of a group of buttons
// is pressed, that a button does nothing now, and what comes of a control. Everything is read from the page, where it is
// written for the eye.

const set = (element, name, value) => element.getAttribute(name) !== value && element.setAttribute(name, value);

function nameControls(root) {
  for (const slider of root.querySelectorAll(".widget-slider")) {
    const name = slider.querySelector(".widget-label")?.textContent ?? "";
    const readout = slider.querySelector(".widget-readout");
    for (const handle of slider.querySelectorAll(".noUi-handle")) {
      set(handle, "aria-label", name);
      if (readout) set(handle, "aria-valuetext", readout.textContent);
    }
    if (readout?.isContentEditable) {
      set(readout, "role", "textbox");
      set(readout, "aria-label", name);
    }
  }
  for (const group of root.querySelectorAll(".widget-toggle-buttons")) {
    const buttons = [...group.querySelectorAll(".widget-toggle-button")];
    const label = group.querySelector(".widget-label")?.textContent;
    set(group, "role", "group");
    set(group, "aria-label", label || buttons.map((button) => button.textContent).join(", "));
    for (const button of buttons) set(button, "aria-pressed", String(button.classList.contains("mod-active")));
  }
  for (const options of root.querySelectorAll(".lm-options")) {
    set(options, "role", "group");
    set(options, "aria-label", root.querySelector(".lm-question")?.textContent ?? "");
    for (const reply of options.querySelectorAll(".lm-reply")) set(reply, "role", "status"); // read out when it comes
  }
  // The sentence above a picture is read out when it changes: what the slider that has the focus has done.
  for (const sentence of root.querySelectorAll(".widget-html:not(.lm-silent) > .widget-html-content:has(> .lm-heading)"))
    set(sentence, "role", "status");
  for (const table of root.querySelectorAll(".widget-html[tabindex]")) {
    set(table, "role", "region");
    set(table, "aria-label", table.querySelector("caption")?.textContent ?? "");
  }
  for (const button of root.querySelectorAll("button.lm-action"))
    set(button, "aria-disabled", String(button.classList.contains("lm-off")));
}

// A number typed beside a slider counts when its field is left, and what is no number is taken back. ipywidgets waits
// on the slider for the field's "blur", which does not bubble.
function leaveReadout({ target: field }) {
  if (field.matches(".widget-readout[contenteditable=true]"))
    field.dispatchEvent(new FocusEvent("blur", { bubbles: true }));
}

function watchControls(root) {
  let due = 0;
  const observer = new MutationObserver(() => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      nameControls(root);
    });
  });
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ["class", "aria-valuenow"] });
  root.addEventListener("focusout", leaveReadout);
  nameControls(root);
  return () => {
    root.removeEventListener("focusout", leaveReadout);
    observer.disconnect();
    cancelAnimationFrame(due);
  };
}
