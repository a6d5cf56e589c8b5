"""The widgets of lesson 06, operated as a learner would; the kernel answers within 100 ms."""

import statistics

from tests.browser.attention_explorer import use_attention_explorer

LIMIT_MS = 100


def use_widgets(lab):
    search_videos(lab)
    use_attention_explorer(lab, lab.cell("explorer = AttentionExplorer("))


def search_videos(lab):
    cell = lab.cell("search = VideoSearch(")
    weights, mix = (cell.locator(".widget-html:has(.lm-bars)").nth(part) for part in (0, 1))
    latencies = []
    for query, found in [("my bike has a flat", "bicycle"), ("what makes mountains explode", "volcanoes")]:
        with lab.changes(weights):
            lab.type(cell.get_by_label("Query"), query)
        lab.wait_until(lambda query=query: lab.evaluate("search.query") == query, "the query is in the kernel")
        lab.wait_until(lambda found=found: found in cell.locator(".lm-marked").first.inner_text(), "it is marked")
        latencies.append(lab.evaluate("search.latency_ms"))
    handle, track = cell.locator(".noUi-handle"), cell.locator(".noUi-base")
    with lab.changes(mix):
        lab.press(handle, "ArrowRight", times=5)
    lab.wait_until(lambda: lab.evaluate("search.sharpness") == 15.0, "the arrow keys make it sharper")
    latencies.append(lab.evaluate("search.latency_ms"))
    with lab.changes(weights):
        lab.drag(handle, track, 0.0)
    lab.wait_until(lambda: lab.evaluate("search.sharpness") == 0.0, "every video gets the same share")
    assert lab.evaluate("round(float(search.weights.max() - search.weights.min()), 6)") == 0
    latencies.append(lab.evaluate("search.latency_ms"))
    assert statistics.median(latencies) < LIMIT_MS, f"{latencies} ms"
    with lab.changes(weights):
        lab.type(cell.locator("textarea"), "Whales of the north | They sing.\n화산 이야기 | 산이 터진다.")
    lab.wait_until(lambda: lab.evaluate("len(search.titles)") == 2, "the videos are in the kernel")
    lab.screenshot("video-search", cell)
    lab.type(cell.locator("textarea"), "no bar")
    lab.wait_until(lambda: "'no bar' is not a video" in cell.locator("[role=alert]").inner_text(), "an error is named")
    lab.type(cell.locator("textarea"), "a | b")
    lab.wait_until(lambda: cell.locator("[role=alert]").count() == 0, "and the error goes")
