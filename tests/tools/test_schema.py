import pytest

from course.tools import Catalog, Function
from tests.tools.catalogs import AREA, CATALOG, FIND


def test_a_catalog_finds_functions_by_name():
    assert CATALOG["area"] is AREA and CATALOG.get("web.find") is FIND and CATALOG.get("find") is None
    assert "area" in CATALOG and "are" not in CATALOG and len(CATALOG) == 3
    assert [function.name for function in CATALOG] == list(CATALOG.names) == ["area", "web.find", "areas"]
    assert CATALOG.documentation() == "\n\n".join(function.documentation() for function in CATALOG)
    with pytest.raises(KeyError, match=r"'find'.*area, web.find, areas"):
        CATALOG["find"]


def test_two_functions_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two functions named area"):
        Catalog([AREA, FIND, Function("area")])
    assert len(Catalog([])) == 0
