"""A table as CSV and as XLSX. Text that a spreadsheet would take for a formula stays text."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from contracts.catalogue.indicators import columns, groups
from services.bus.hub.indicators import schemas

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
_HEAD: Final = {"vi": ("Mã", "Tên", "Kỳ"), "en": ("Code", "Name", "Period")}
_SHEETS: Final = {"vi": ("Số liệu", "Định nghĩa"), "en": ("Figures", "Definitions")}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(table: schemas.Table, language: str) -> bytes:
    """UTF-8 with a byte-order mark, without which Excel does not read Vietnamese; shares as 0 to 1."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_header(table, language))
    for row in (*table.rows, table.total):
        cells = ("" if cell is None else cell for cell in row.cells)
        writer.writerow([_harmless(row.key), _harmless(row.name), row.period, *cells])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: schemas.Table, language: str) -> bytes:
    """A sheet of figures, frozen at its header, and one that says where each figure comes from."""
    from xlsxwriter import Workbook  # few hubs are ever asked for one

    memory = io.BytesIO()
    book = Workbook(memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "#,##0"})
    share = book.add_format({"num_format": "0.00%"})
    figures, definitions = (book.add_worksheet(name) for name in _SHEETS[language])
    figures.freeze_panes(1, 3)
    figures.set_column(0, 0, 14)
    figures.set_column(1, 1, 48)
    figures.set_column(2, 2, 24)
    for place, title in enumerate(_header(table, language)):
        figures.write_string(0, place, title, bold)
    for line, row in enumerate((*table.rows, table.total), start=1):
        for place, text in enumerate((row.key, row.name, row.period)):
            figures.write_string(line, place, text)
        for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True), start=3):
            if cell is not None:
                figures.write_number(line, place, cell, share if column.of else number)
    figures.autofilter(0, 0, len(table.rows), 2 + len(table.columns))
    _define(definitions, language, bold)
    book.close()
    return memory.getvalue()


def _header(table: schemas.Table, language: str) -> list[str]:
    names = (column.name_vi if language == "vi" else column.name_en for column in table.columns)
    return [*_HEAD[language], *names]


def _define(sheet: Any, language: str, bold: Any) -> None:
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 3, 40)
    lines = [("", "", "", "")]
    for column in columns():
        told = " / ".join(column.of) if column.of else _sets(column)
        lines.append((getattr(column.name, language), told, "", ""))
    for group in groups():
        lines.append((getattr(group.name, language), group.regime, group.source, group.mark))
        for each in group.indicators:
            points = "" if each.points is None else f"{each.points:g}"
            lines.append((getattr(each.name, language), points, each.source, each.mark))
    for line, cells in enumerate(lines):
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell, bold if line and not cells[1] else None)


def _sets(column: Any) -> str:
    return " & ".join([*column.within, *(f"not {each}" for each in column.without)])


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
