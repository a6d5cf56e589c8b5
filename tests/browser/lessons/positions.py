"""The widgets of lesson 05, operated as a learner would; the kernel answers within 100 ms."""

import statistics

LIMIT_MS = 100


def use_widgets(lab):
    explore_waves(lab)
    turn_a_pair(lab)
    compare_positions(lab)


def picture(cell):
    """What a widget draws: the last text of its column."""
    return cell.locator(".lm-widget > .widget-html").last


def move(lab, cell, name, sliders):
    """Move each slider by the arrow keys, see the picture change, and return the times that the kernel took."""
    latencies = []
    for number, (trait, key) in enumerate(sliders):
        before = lab.evaluate(f"{name}.{trait}")
        with lab.changes(picture(cell)):
            lab.press(cell.locator(".noUi-handle").nth(number), key)
        lab.wait_until(lambda: lab.evaluate(f"{name}.{trait}") != before, f"{trait} is another in the kernel")  # noqa: B023
        latencies.append(lab.evaluate(f"{name}.latency_ms"))
    return latencies


def require_quick(latencies):
    assert statistics.median(latencies) < LIMIT_MS, latencies


def explore_waves(lab):
    cell = lab.cell("waves = WaveExplorer(")
    with lab.changes(picture(cell)):
        lab.type(cell.locator("textarea"), "<b>나는</b> 학교에 간다")
    lab.wait_until(lambda: lab.evaluate("waves.text") == "<b>나는</b> 학교에 간다", "the text is in the kernel")
    lab.wait_until(lambda: "<b>나는</b> 0" in picture(cell).inner_text(), "its words name the positions")
    sliders = [
        ("length", "ArrowRight"),
        ("d_model", "ArrowRight"),
        ("base", "ArrowLeft"),
        ("position", "ArrowLeft"),
        ("dimension", "ArrowRight"),
    ]
    require_quick([lab.evaluate("waves.latency_ms"), *move(lab, cell, "waves", sliders)])
    with lab.changes(picture(cell)):
        lab.drag(cell.locator(".noUi-handle").nth(3), cell.locator(".noUi-base").nth(3), 1.0)
    lab.wait_until(lambda: lab.evaluate("waves.position == waves.length - 1"), "the position is the last")
    lab.screenshot("waves", cell)


def turn_a_pair(lab):
    cell = lab.cell("pair = RotatingPair(")
    score = lab.evaluate("pair.score")
    for _press in range(3):
        with lab.changes(picture(cell)):
            cell.get_by_role("button", name="Both one further").click()
    lab.wait_until(lambda: lab.evaluate("(pair.query_position, pair.key_position)") == (12, 9), "both have moved")
    assert abs(lab.evaluate("pair.score") - score) < 1e-9
    sliders = [
        ("query_position", "ArrowRight"),
        ("key_position", "ArrowLeft"),
        ("pair", "ArrowRight"),
        ("base", "ArrowLeft"),
    ]
    require_quick(move(lab, cell, "pair", sliders))
    assert abs(lab.evaluate("pair.score") - score) > 0.01
    lab.screenshot("pair", cell)


def compare_positions(lab):
    cell = lab.cell("likeness = SimilarityExplorer(")
    sliders = [
        ("position", "ArrowRight"),
        ("distance", "ArrowRight"),
        ("width", "ArrowLeft"),
        ("base", "ArrowLeft"),
        ("n_heads", "ArrowRight"),
        ("head", "ArrowRight"),
    ]
    require_quick(move(lab, cell, "likeness", sliders))
    with lab.changes(picture(cell)):
        lab.drag(cell.locator(".noUi-handle").first, cell.locator(".noUi-base").first, 1.0)
    lab.wait_until(lambda: lab.evaluate("likeness.position") == 127, "the query is past what was trained")
    lab.screenshot("likeness", cell)
