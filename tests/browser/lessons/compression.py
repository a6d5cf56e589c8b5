"""The widgets of lesson 18, operated as a learner would."""


def use_widgets(lab):
    use_teacher_targets(lab)
    use_quantization_stairs(lab)


def use_teacher_targets(lab):
    cell = lab.cell("teacher_targets = TeacherTargets(")
    text, slider = cell.locator("textarea").first, cell.locator(".noUi-handle").first
    lab.screenshot("teacher-targets", cell)
    entropy, order = lab.evaluate("teacher_targets.entropy"), ranked(lab)
    lab.press(slider, "ArrowRight", times=20)
    lab.wait_until(lambda: lab.evaluate("teacher_targets.entropy") > entropy, "a higher temperature has more entropy")
    assert ranked(lab) == order, "and the order of the classes stays"
    lab.type(text, "Species of flatfish")
    lab.wait_until(lambda: ranked(lab)[0] == "Biology and health sciences", "another text has other targets")
    text.fill(" ")
    text.blur()
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 1, "an empty text is an error", limit=20)
    lab.type(text, "Species of flatfish")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes", limit=20)


def ranked(lab):
    return lab.evaluate("sorted(teacher_targets.targets, key=teacher_targets.targets.get, reverse=True)")


def use_quantization_stairs(lab):
    cell = lab.cell("quantization_stairs = QuantizationStairs(")
    slider = cell.locator(".noUi-handle").first
    lab.screenshot("quantization-stairs", cell)
    error = lab.evaluate("quantization_stairs.rounding.error")
    lab.press(slider, "ArrowLeft")
    lab.wait_until(lambda: lab.evaluate("quantization_stairs.rounding.error") > error, "fewer bits, a larger error")
    fewer = lab.evaluate("quantization_stairs.rounding.error")
    cell.get_by_role("button", name="the matrix", exact=True).click()
    lab.wait_until(lambda: lab.evaluate("quantization_stairs.rounding.error") > fewer, "one scale for all is worse")
    before = lab.evaluate("quantization_stairs.layer")
    cell.get_by_role("combobox").select_option(index=3)
    lab.wait_until(lambda: lab.evaluate("quantization_stairs.layer") != before, "another layer is shown")
    cell.get_by_role("button", name="Round all layers").click()
    lab.wait_until(lambda: "All layers rounded:" in cell.inner_text(), "the first label to change is named", limit=90)
    lab.screenshot("quantization-stairs-flip", cell)
