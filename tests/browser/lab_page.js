// What the tests ask of an open notebook, answered by JupyterLab itself and not by the page's layout.
window.courseTest = (() => {
  const panel = () => window.jupyterapp?.shell.currentWidget;
  const kernel = () => panel().sessionContext.session.kernel;
  const cells = () => panel()?.content?.widgets ?? [];
  const codeCells = () => cells().filter((cell) => cell.model.type === "code" && cell.model.sharedModel.getSource().trim());
  const places = new WeakMap(); // of what can be clicked: its widget, which stays when it draws itself anew, and its kind
  const callbackErrors = [];
  let finished = false;
  let ended = false;

  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length;

  const kindsIn = (widget) => {
    const kinds = new Map();
    for (const element of widget.querySelectorAll("*")) {
      const isControl = element.tabIndex >= 0 || element.isContentEditable;
      const isView = element.matches(".widget-html, .widget-label, .lm-message, canvas, [role=option]");
      if (!(isControl || isView) || !isShown(element)) continue;
      const kind = [element.tagName, element.getAttribute("role"), element.type, element.classList[0], isControl].join();
      if (!kinds.has(kind)) kinds.set(kind, element);
    }
    return kinds;
  };

  return {
    messages: [],

    isOpen: () => panel()?.sessionContext?.session?.kernel?.status === "idle",

    // What the kernel says, as it comes. An Output widget takes what a cell prints out of the cell, so the notebook alone
    // does not hold it. Errors that a widget's callback raises reach no cell: they answer the widget's message.
    // When a kernel ends, Jupyter starts another, which may answer what was sent to the first: that is not kept.
    listen() {
      panel().sessionContext.statusChanged.connect((_, status) => {
        ended ||= ["autorestarting", "restarting", "terminating", "dead"].includes(status);
      });
      panel().sessionContext.iopubMessage.connect((_, { header: { msg_type }, parent_header, content }) => {
        if (msg_type === "error" && parent_header.msg_type?.startsWith("comm"))
          callbackErrors.push(`a widget's callback: ${content.ename}: ${content.evalue}`);
        if (!ended && !msg_type.startsWith("comm")) this.messages.push({ msg_type, msg_id: parent_header.msg_id, content });
      });
    },

    async runAll() {
      await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
      this.messages.length = 0;
      finished = ended = false;
      const run = window.jupyterapp.commands.execute("notebook:run-all-cells"); // not awaited: the test waits with a limit
      run.finally(() => (finished = true));
    },

    // After an error, or when the kernel has ended, JupyterLab runs no further cell.
    hasRun: () => finished && kernel().status === "idle",

    // Those behind it wait and are marked as running too.
    runningCell: () => cells().findIndex((cell) => cell.model.executionState === "running") + 1,

    cellErrors(expectedTag) {
      return codeCells()
        .filter((cell) => !(cell.model.getMetadata("tags") ?? []).includes(expectedTag))
        .flatMap((cell) => {
          const errors = cell.model.outputs.toJSON().filter((output) => output.output_type === "error");
          return errors.map(({ ename, evalue }) => `cell ${cells().indexOf(cell) + 1}: ${ename}: ${evalue}`);
        });
    },

    errors(expectedTag) {
      return [...this.cellErrors(expectedTag), ...callbackErrors];
    },

    async scrollTo(text) {
      const index = cells().findIndex((cell) => cell.model.sharedModel.getSource().includes(text));
      if (index < 0) return index;
      panel().content.activeCellIndex = index;
      await panel().content.scrollToItem(index, "start");
      return index;
    },

    async evaluate(expression) {
      const future = kernel().requestExecute({ code: "", user_expressions: { value: expression }, store_history: false });
      const { status, data, ename, evalue } = (await future.done).content.user_expressions.value;
      return status === "ok" ? { value: data["text/plain"] } : { error: `${ename}: ${evalue}` };
    },

    // Looks at a region in every frame, so the time is the browser's own: from the last thing that was done to the
    // first frame in which text, attributes, a picture or a canvas are others. `seconds` is null when none came.
    watch(region, limit) {
      const canvases = () => [...region.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
      const guard = /(<[^>]*) data-lm-suppress-shortcuts="[^"]*"/g; // comes with a key, and says nothing of the picture
      const look = () => region.outerHTML.replace(guard, "$1") + canvases();
      const before = look();
      const start = performance.now();
      let acted = start;
      for (const event of ["keydown", "pointerdown", "pointermove", "pointerup", "input"])
        document.addEventListener(event, () => (acted = performance.now()), true);
      const seconds = new Promise((resolve) => {
        const frame = () => {
          const now = performance.now();
          if (look() !== before) resolve(Math.max(0, now - acted) / 1000);
          else if (now - start > limit * 1000) resolve(null);
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      });
      return { seconds };
    },

    // The words and numbers in a region that are broken in two, at the end of a line.
    brokenWords(region) {
      const found = [];
      const texts = document.createTreeWalker(region, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text; text = texts.nextNode())
        for (const [word, index] of [...text.data.matchAll(/[\p{L}\p{N}_.,]+/gu)].map((one) => [one[0], one.index])) {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          const lines = new Set([...range.getClientRects()].map((part) => Math.round(part.top)));
          if (lines.size > 1) found.push(word);
        }
      return found;
    },

    // What does not fit the page, in the outputs of all cells: what sticks out of an output, what scrolls sideways in it,
    // pictures that lost their proportions, and words of a printed text that are broken in two. A region with a name may
    // scroll: code, and tables of what the learner typed.
    misfits() {
      const found = [];
      const named = (element) => `${element.tagName.toLowerCase()}.${element.classList} "${element.textContent.trim().slice(0, 40)}"`;
      cells().forEach((cell, place) => {
        const note = (what, element) => found.push(`cell ${place + 1}: ${named(element)} ${what}`);
        for (const output of cell.node.querySelectorAll(".jp-OutputArea-output")) {
          const { right, width } = output.getBoundingClientRect();
          if (!width) continue;
          for (const element of [output, ...output.querySelectorAll("*")]) {
            const around = element.closest("[role=region][aria-label]");
            const region = output.contains(around) && around; // JupyterLab's own regions are around the output
            if (region && region !== element) continue;
            const box = element.getBoundingClientRect();
            const style = getComputedStyle(element);
            if (!box.width || !box.height || style.visibility === "hidden" || style.position === "fixed") continue;
            if (box.right > right + 0.5) note(`sticks out by ${(box.right - right).toFixed(1)} of ${width} px`, element);
            const scrolls = ["auto", "scroll"].includes(style.overflowX) && element.scrollWidth > element.clientWidth;
            if (scrolls && !region) note(`scrolls: ${element.scrollWidth} in ${element.clientWidth} px`, element);
            if (element.matches(".widget-hslider")) {
              const track = element.querySelector(".noUi-target").getBoundingClientRect().width;
              if (track < 200) note(`has a track of ${Math.round(track)} px`, element);
            }
            if (element.matches(".widget-label") && element.scrollWidth > element.clientWidth)
              note("cuts its label", element);
            if (element.tagName === "IMG" && element.naturalWidth && !element.closest(".lm-widget, .jp-RenderedPlotly")) {
              const squeezed = box.width / box.height / (element.naturalWidth / element.naturalHeight);
              if (Math.abs(squeezed - 1) > 0.02) note(`is ${squeezed.toFixed(2)} times as wide as it should be`, element);
            }
          }
          for (const pre of output.querySelectorAll("pre:not([role=region])"))
            for (const word of this.brokenWords(pre)) note(`breaks ${word.slice(0, 30)}`, pre);
        }
      });
      return found;
    },

    toggleFiles: () => window.jupyterapp.commands.execute("application:toggle-left-area"),

    // Like `watch`, but to the last changed frame: the milliseconds from the last key to the frame after which nothing
    // changed for `quiet` ms. Elements are observed, and canvases by what is painted into them, so that looking costs
    // little. null when nothing changed within 5 s.
    settle(region, quiet) {
      let [acted, changed, last] = [performance.now(), false, null];
      const note = (event) => ([acted, last] = [event.timeStamp, null]);
      document.addEventListener("keydown", note, true);
      const observer = new MutationObserver(() => (changed = true));
      observer.observe(region, { subtree: true, childList: true, attributes: true, characterData: true });
      const context = CanvasRenderingContext2D.prototype;
      const { putImageData } = context;
      context.putImageData = function (...inputs) {
        changed ||= region.contains(this.canvas);
        return putImageData.apply(this, inputs);
      };
      const milliseconds = new Promise((resolve) => {
        const frame = () => {
          const now = performance.now();
          if (changed) [last, changed] = [now, false];
          if (last === null ? now - acted < 5000 : now - last < quiet) return requestAnimationFrame(frame);
          observer.disconnect();
          context.putImageData = putImageData;
          document.removeEventListener("keydown", note, true);
          resolve(last === null ? null : last - acted);
        };
        requestAnimationFrame(frame);
      });
      return { milliseconds };
    },

    // Waits until what is in view is drawn: its cells laid out, its pictures and letters loaded, and a frame painted.
    async isDrawn() {
      const frame = () => new Promise(requestAnimationFrame);
      await frame();
      const scroller = document.querySelector(".jp-WindowedPanel-outer");
      const view = scroller.getBoundingClientRect();
      const inView = (image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return bottom > view.top && top < view.bottom;
      };
      const pictures = [...scroller.querySelectorAll("img")].filter(inView);
      await Promise.all([document.fonts.ready, ...pictures.map((picture) => picture.decode().catch(() => null))]);
      await frame();
      await frame();
    },

    // Scrolls on by most of a screen; true at the end of the notebook.
    scrollOn() {
      const scroller = document.querySelector(".jp-WindowedPanel-outer");
      const before = scroller.scrollTop;
      scroller.scrollTop += scroller.clientHeight * 0.9;
      return scroller.scrollTop <= before;
    },

    scrollToTop() {
      document.querySelector(".jp-WindowedPanel-outer").scrollTop = 0;
    },

    cellIds: () => cells().map((cell) => cell.model.id),

    // Scrolls to something in a widget until it stays where the mouse can reach it: JupyterLab may still be on its way to
    // the cell that was asked for before. Gives what stands there now, which is another element of the same kind where the
    // widget has drawn itself anew; null when it is not reached within half a minute.
    async reach(element) {
      const { widget, kind } = places.get(element);
      const frame = () => new Promise(requestAnimationFrame);
      const end = performance.now() + 30000;  // a widget may still be answering
      for (let [still, before] = [0, NaN]; performance.now() < end; await frame()) {
        if (!element.isConnected) element = kindsIn(widget).get(kind) ?? element;
        element.scrollIntoViewIfNeeded();
        const { left, top, width, height } = element.getBoundingClientRect();
        const isThere = widget.contains(document.elementFromPoint(left + width / 2, top + height / 2));
        still = element.isConnected && isThere && top === before ? still + 1 : 0;
        before = top;
        if (still === 10) return element;
      }
      return null;
    },

    // One of each kind of thing that can be clicked in each widget, for a mouse: controls, and text and pictures.
    clickable() {
      return [...document.querySelectorAll(".jp-Notebook .lm-widget")].flatMap((widget) => {
        const kinds = kindsIn(widget);
        kinds.forEach((element, kind) => places.set(element, { widget, kind }));
        return [...kinds.values()];
      });
    },

    // Everything in the widgets that the Tab key reaches, with its name as a screen reader says it.
    named() {
      const nameOf = (element) => {
        const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
        const parts = by.map((id) => document.getElementById(id)?.textContent);
        const labels = [...(element.labels ?? [])].map((label) => label.textContent);
        const own = element.matches("input, textarea, select") ? "" : element.textContent;
        return (element.getAttribute("aria-label") || parts.join(" ") || labels.join(" ") || own || element.title || "").trim();
      };
      const reached = [...document.querySelectorAll(".jp-Notebook .lm-widget *")].filter(
        (element) => element.checkVisibility() && (element.tabIndex >= 0 || element.getAttribute("contenteditable") === "true"),
      );
      const pictures = [...document.querySelectorAll(".jp-Notebook .lm-widget :is(img, svg:not([aria-hidden]))")];
      const describe = (element) => ({
        what: `${element.tagName.toLowerCase()}.${element.classList[0] ?? ""}[${element.getAttribute("role") ?? ""}]`,
        name: element.matches("img") ? element.alt : nameOf(element),
        value: element.getAttribute("aria-valuetext"),
      });
      return [...reached, ...pictures.filter((picture) => picture.checkVisibility())].map(describe);
    },

    // The pictures in the outputs of cells that say nothing to whoever does not see them. Live figures have their words
    // below them: the renderer of plotly gives its picture none.
    mute() {
      const pictures = [...document.querySelectorAll(".jp-OutputArea-output :is(img, svg:not([aria-hidden], svg svg))")];
      const says = (picture) => picture.alt?.trim() || (picture.getAttribute("role") === "img" && picture.ariaLabel?.trim());
      const drawn = pictures.filter((picture) => !picture.closest(".jp-RenderedPlotly, .lm-widget"));
      return { drawn: drawn.length, mute: drawn.filter((picture) => !says(picture)).map((one) => one.outerHTML.slice(0, 100)) };
    },

    // What the keyboard's focus looks like on one control of each kind: outline, and the page around it, as hex colors.
    focusRings() {
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const hexOf = (color) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
      };
      const behind = (element) => {
        const { backgroundColor } = getComputedStyle(element);
        return /, 0\)$|transparent/.test(backgroundColor) ? behind(element.parentElement) : hexOf(backgroundColor);
      };
      const controls = this.clickable().filter((element) => element.tabIndex >= 0);
      return controls.map((element) => {
        element.focus({ focusVisible: true });
        const { outlineColor, outlineStyle, outlineWidth } = getComputedStyle(element);
        return {
          what: `${element.tagName.toLowerCase()}.${element.className}`,
          focused: document.activeElement === element,
          width: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
          ring: hexOf(outlineColor),
          page: behind((element.closest(".slider-container") ?? element).parentElement), // not the thin track of a slider
        };
      });
    },

    async save() {
      await window.jupyterapp.commands.execute("docmanager:save");
    },

    async restart() {
      await kernel().restart();
    },

    useTheme: (theme) => window.jupyterapp.commands.execute("apputils:change-theme", { theme }),

    shutDown: () => panel()?.sessionContext?.shutdown(),
  };
})();
