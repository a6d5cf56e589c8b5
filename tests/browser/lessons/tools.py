"""The widgets of lesson 17, operated as a learner would."""


def use_widgets(lab):
    use_call_tree(lab)
    use_tool_bench(lab)


def use_call_tree(lab):
    cell = lab.cell("call_tree = CallTree(")
    call, error = cell.get_by_label("Call", exact=True), cell.locator("[role=alert]")
    task, nodes = cell.get_by_role("combobox"), cell.locator(".lm-call-node")
    lab.screenshot("call-tree", cell)
    first = lab.evaluate("call_tree.call")
    name = first.partition("(")[0]
    lab.type(call, f"{name}(")
    lab.wait_until(lambda: "Unparsable" in cell.inner_text(), "half a call cannot be read")
    lab.type(call, f"{name}(no_such_parameter=1)")
    lab.wait_until(lambda: "Wrong call" in cell.inner_text(), "a parameter that there is not")
    assert cell.locator('.lm-call-node[data-ok="false"]').count() >= 1
    lab.screenshot("call-tree-wrong", cell)
    lab.type(call, "no_such_function()")
    lab.wait_until(lambda: "Hallucinated" in cell.inner_text(), "a function that there is not")
    lab.type(call, first)
    lab.wait_until(lambda: "Right:" in cell.inner_text() or "Wrong call" in cell.inner_text(), "the first call again")
    rule = cell.get_by_role("button", name="BFCL's strings")
    rule.click()
    lab.wait_until(lambda: lab.evaluate("call_tree.strings") == "bfcl", "the other rule for texts")
    call.fill("x" * 2_001)
    lab.wait_until(lambda: "2,000" in error.inner_text(), "an error is named")
    task.select_option(index=1)
    lab.wait_until(lambda: error.count() == 0 and lab.evaluate("call_tree.task") == 2, "another task has its own call")
    assert nodes.count() >= 1


def use_tool_bench(lab):
    cell = lab.cell("tool_bench = ToolBench(")
    catalog, error = cell.locator("textarea").first, cell.locator("[role=alert]")
    call, run = cell.get_by_label("Call", exact=True), cell.get_by_role("button", name="Run", exact=True)
    lab.screenshot("tool-bench", cell)
    lab.press(run, "Enter")
    lab.wait_until(lambda: cell.locator(".lm-picture svg circle").count() == 3, "three cats are drawn", limit=60)
    lab.screenshot("tool-bench-cats", cell)
    lab.type(call, "calculate(expression='6 * 7')")
    lab.wait_until(lambda: "not run yet" in cell.inner_text(), "another call has not been run")
    run.click()
    lab.wait_until(lambda: cell.locator(".lm-prose").inner_text() == "42", "its value is shown", limit=60)
    before = lab.evaluate("tool_bench.catalog")
    lab.type(catalog, "weekday(day: str)  # The day of the week")
    lab.wait_until(lambda: "Layer: table of functions." in cell.inner_text(), "what is not in the catalog is refused")
    catalog.fill("weekday(day")
    lab.wait_until(lambda: "Line 1 of the catalog" in error.inner_text(), "an error is named")
    catalog.fill(before)
    lab.wait_until(lambda: error.count() == 0, "and the error goes")
    cell.get_by_role("combobox").select_option(index=3)
    lab.wait_until(lambda: lab.evaluate("'convert_units' in tool_bench.call"), "an example is taken over")
    run.click()
    lab.wait_until(lambda: "42.16" in cell.locator(".lm-prose").inner_text(), "and run", limit=60)
