"""The registry is complete and consistent for every asset."""

import re

import pytest

from course.data import registry
from course.data.asset import PackageMember, readable_size
from course.syllabus.lessons import LESSONS


@pytest.mark.parametrize("asset", registry.ASSETS, ids=lambda asset: asset.name)
def test_every_asset_is_pinned_and_described(asset):
    assert re.fullmatch(r"[0-9a-f]{64}", asset.sha256)
    assert asset.what and asset.licence
    assert asset.lessons and set(asset.lessons) <= {lesson.slug for lesson in LESSONS}
    assert len(set(asset.lessons)) == len(asset.lessons)
    for source in asset.sources:
        if isinstance(source, PackageMember):
            assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", source.package.requirement)
            assert source.member is not None or source.package.size == asset.size
        else:
            assert re.fullmatch(r"[0-9a-f]{40}", source.revision)


def test_names_are_unique():
    names = [asset.name for asset in registry.ASSETS]
    assert len(set(names)) == len(names)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'gpt5'.*smollm2-gguf.*nanum-gothic"):
        registry.asset("gpt5")


def test_markdown_table_has_a_row_for_every_asset():
    header, rule, *rows = registry.markdown_table().splitlines()
    assert set(rule) <= set("| -:")
    assert len(rows) == len(registry.ASSETS)
    for row, asset in zip(rows, registry.ASSETS, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == header.count("|") - 1
        assert cells[:3] == [f"`{asset.name}`", asset.what, asset.licence]
        assert f"`{asset.package.requirement}`" in cells[4]
        assert cells[5].split(", ") == [f"{each.number:02d}" for each in LESSONS if each.slug in asset.lessons]


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (466_247, "466 kB"), (98_362_432, "98.4 MB"), (2_000_000_000, "2,000.0 MB")],
)
def test_readable_size(size, text):
    assert readable_size(size) == text
