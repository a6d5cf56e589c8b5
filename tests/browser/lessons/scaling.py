"""The widget of lesson 09, operated as a learner would."""


def use_widgets(lab):
    cell = lab.cell("frontier = ScalingFrontier(")
    box, error = cell.locator("input[type=text]").first, cell.locator("[role=alert]")
    lab.screenshot("scaling-frontier", cell)
    before = lab.evaluate("frontier.log_flops")
    lab.press(cell.locator(".noUi-handle").first, "ArrowRight")
    lab.wait_until(lambda: lab.evaluate("frontier.log_flops") > before, "the keyboard raises the budget")
    box.fill("2 hours")
    box.blur()
    lab.wait_until(lambda: lab.evaluate("frontier.flops > 1e14"), "hours become operations")
    box.fill("two hours")
    box.blur()
    lab.wait_until(lambda: "two hours" in error.inner_text(), "an error names the text")
    box.fill("3e18")
    box.blur()
    lab.wait_until(lambda: error.count() == 0 or not error.is_visible(), "and is gone")
    lab.wait_until(lambda: lab.evaluate("abs(frontier.flops / 3e18 - 1) < 0.01"), "the budget is as typed")
    wide = "frontier.laws.exponents[1] - frontier.laws.exponents[0]"
    lab.evaluate("setattr(frontier, 'counting', 'body')")
    lab.wait_until(lambda: lab.evaluate("frontier.laws.counting == 'body'"), "another count")
    lab.evaluate("setattr(frontier, 'counting', 'all')")
    lab.wait_until(lambda: lab.evaluate("frontier.laws.counting == 'all'"), "and back")
    width = lab.evaluate(wide)
    for place in range(2):
        cell.locator("input[type=checkbox]").nth(place).click()
    lab.wait_until(lambda: lab.evaluate("len(frontier.left_out.split())") == 2, "two runs are left out")
    assert lab.evaluate(wide) != width
    lab.screenshot("scaling-frontier-without", cell)
