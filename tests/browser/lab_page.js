// What the tests ask of an open notebook, answered by JupyterLab itself and not by the page's layout.
window.courseTest = (() => {
  const panel = () => window.jupyterapp?.shell.currentWidget;
  const kernel = () => panel().sessionContext.session.kernel;
  const cells = () => panel()?.content?.widgets ?? [];
  const codeCells = () => cells().filter((cell) => cell.model.type === "code" && cell.model.sharedModel.getSource().trim());
  const callbackErrors = [];

  return {
    isOpen: () => panel()?.sessionContext?.session?.kernel?.status === "idle",

    // Errors that a widget's callback raises reach no cell: the kernel sends them as the answer to the widget's message.
    listen() {
      panel().sessionContext.iopubMessage.connect((_, { header, parent_header, content }) => {
        if (header.msg_type === "error" && parent_header.msg_type?.startsWith("comm"))
          callbackErrors.push(`a widget's callback: ${content.ename}: ${content.evalue}`);
      });
    },

    async runAll() {
      await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
      window.jupyterapp.commands.execute("notebook:run-all-cells"); // not awaited: the test waits with a limit
    },

    // After an error JupyterLab runs no further cell.
    hasRun(expectedTag) {
      const done = (cell) => cell.model.executionCount !== null && cell.model.executionState !== "running";
      return kernel().status === "idle" && (codeCells().every(done) || this.cellErrors(expectedTag).length > 0);
    },

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
      const look = () => region.outerHTML + canvases();
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

    useTheme: (theme) => window.jupyterapp.commands.execute("apputils:change-theme", { theme }),

    shutDown: () => panel()?.sessionContext?.shutdown(),
  };
})();
