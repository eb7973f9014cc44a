"""The small national tables are whole and agree with the units."""

import pytest
import vn_ident

from contracts.catalogue.files import read_rows
from contracts.catalogue.loader import agency_roots, personal_id_prefixes, versions
from contracts.catalogue.search import fold


def test_the_personal_id_knows_the_63_provinces() -> None:
    prefixes = personal_id_prefixes()
    assert len(prefixes) == 63
    assert {one.kind for one in prefixes.values()} == {"province"}
    for code, one in prefixes.items():
        assert one.code == code
        assert vn_ident.is_province_code(code)
        # Huế was still a tỉnh named Thừa Thiên Huế when the prefixes were given out.
        assert code == "046" or fold(versions(code[1:])[0].name).endswith(fold(one.name).split()[-1])


def test_the_roots_name_the_same_63_provinces() -> None:
    roots = agency_roots()
    assert list(roots) == [f"H{number:02d}" for number in range(1, 64)]
    assert sorted(roots.values()) == sorted(one.name for one in personal_id_prefixes().values())


def test_a_file_with_other_columns_is_not_read() -> None:
    with pytest.raises(ValueError, match="columns"):
        list(read_rows("procedures.csv", "code", "title"))
