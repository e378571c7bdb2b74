"""Reading one sheet as a target form: fields by their labels, tables by their heads, wherever they stand."""

from perfmgr.documents.target_forms import labels
from perfmgr.documents.target_forms.grid import Area, Grid, Place
from perfmgr.rules.import_targets import own_term
from perfmgr.rules.imports import Draft, Line, Source, Spot, Spots

_EVERY_LABEL = {**labels.RIGHT, **labels.BELOW, **labels.TOTALS}


class FormReader:
    """Walks through a sheet in reading order; what was taken as a value is no label any more."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.spots = grid, Spots(grid.name)
        self.taken: set[Place] = set()
        self.tables: dict[str, list[Line]] = {}
        self.funds: list[tuple[str, Spot]] = []
        self.blocks: dict[int, str] = {}  # column of a total → which block of money it opens
        self.yuan: bool | None = None

    def read(self) -> Draft | None:
        """Return the project on this sheet, or None when the sheet is no target form."""
        for row, column, text in self.grid.filled():
            if (row, column) not in self.taken and len(text) <= 60:
                self._look(row, column, text)
        if "name" not in self.spots.cells or not (self.tables.get("indicators") is not None or self.blocks):
            return None
        self._settle_nature()
        self._settle_term()
        funds: list[tuple[str, Source, str]] | None = None
        if "annual" in self.spots.cells or self.funds:
            funds = []
            for n, (source, spot) in enumerate(self.funds):
                self.spots.cells[f"fund {n}"] = spot
                funds.append((source, self.spots, f"fund {n}"))
        yuan = bool(self.yuan)
        return Draft(
            sheet=self.grid.name,
            layout="yuan" if yuan else "national",
            head=self.spots,
            wan=not yuan,
            funds=funds,
            bases=self.tables.get("bases"),
            steps=self.tables.get("steps"),
            indicators=self.tables.get("indicators"),
        )

    def _look(self, row: int, column: int, text: str) -> None:
        label = labels.plain(text)
        if label in labels.MARKS and self._read_table(labels.MARKS[label], row):
            return
        if label in labels.RIGHT:
            self._take(labels.RIGHT[label], self._beside(row, column))
        elif label in labels.BELOW:
            self._take(labels.BELOW[label], self._under(row, column))
        elif label in labels.TOTALS and labels.TOTALS[label] not in self.spots.cells:
            self.blocks[column] = labels.TOTALS[label]
            self._note_unit(text)
            self._take(labels.TOTALS[label], self._beside(row, column))
        elif self.blocks and labels.fund_label(text) in labels.FUNDS:
            self._read_fund(row, column, labels.FUNDS[labels.fund_label(text)])
        elif labels.is_title(text) and "year" not in self.spots.cells:
            self.spots.cells["year"] = Spot(row, column, text)
        elif "资金" in label or "单位" in label:
            self._note_unit(text)

    def _note_unit(self, text: str) -> None:
        stated = labels.in_yuan(text)
        if stated is not None and self.yuan is None:
            self.yuan = stated

    def _take(self, name: str, area: Area | None) -> None:
        if area is None or name in self.spots.cells:
            return
        self.spots.cells[name] = Spot(area.top, area.left, self.grid.text(area.top, area.left))
        self.taken.add((area.top, area.left))

    def _is_label(self, row: int, column: int) -> bool:
        text = self.grid.text(row, column)
        return labels.plain(text) in _EVERY_LABEL or labels.fund_label(text) in labels.FUNDS

    def _beside(self, row: int, column: int) -> Area | None:
        """Return where the value of a label stands: beside it, or further right behind empty cells."""
        first: Area | None = None
        for area in self.grid.right_of(row, column):
            first = first or area
            if self.grid.text(area.top, area.left):
                return area if area is first or not self._is_label(area.top, area.left) else first
        return first

    def _under(self, row: int, column: int) -> Area | None:
        beside = next(self.grid.right_of(row, column), None)
        if beside and self.grid.text(beside.top, beside.left) and not self._is_label(beside.top, beside.left):
            return beside
        below = self.grid.below(row, column)
        cells = self.grid.rows[below.top] if below.top < len(self.grid.rows) else ()
        # Right above the head of the indicators there is no room for a value.
        return None if sum(labels.plain(cell) in labels.INDICATOR_HEADS for cell in cells) > 2 else below

    def _read_fund(self, row: int, column: int, source: str) -> None:
        """Take a line of money; only those of the year's block count, the others are parts of the total."""
        block = self.blocks[min(self.blocks, key=lambda at: abs(at - column))]
        area = self._beside(row, column)
        if area is None:
            return
        self.taken.add((area.top, area.left))
        if block == "annual" and source not in {known for known, _spot in self.funds}:
            self.funds.append((source, Spot(area.top, area.left, self.grid.text(area.top, area.left))))

    def _settle_nature(self) -> None:
        """一次性, 阶段性 and 经常性 say nothing about new or continuing; 新增 and 延续 do, under either label."""
        nature = self.spots.cells.pop("nature", None)
        if nature and "attribute" not in self.spots.cells and labels.plain(nature.text)[:2] in ("新增", "延续"):
            self.spots.cells["attribute"] = nature

    def _settle_term(self) -> None:
        """A term marked as borrowed from the period is no entry: the project still has none of its own."""
        for name in {"start_on", "end_on", "term"} & set(self.spots.cells):
            spot = self.spots.cells[name]
            self.spots.cells[name] = spot._replace(text=own_term(spot.text))

    # --- tables -------------------------------------------------------------------------------

    def _read_table(self, table: str, row: int) -> bool:
        """Take the head in this row and the lines below it; False when the row is no such head."""
        heads = labels.TABLES[table]
        places: dict[str, int] = {}
        bottom = row
        for column in range(self.grid.width):
            area = self.grid.area(row, column)
            field = heads.get(labels.plain(self.grid.text(row, column)))
            below = heads.get(labels.plain(self.grid.text(area.bottom + 1, column)))
            if table == "indicators" and area.right > area.left and field and below:
                # 年度指标值 over 符号, 指标值 and 计量单位: the lower heads count.
                field, bottom = below, max(bottom, area.bottom + 1)
            elif area.left < column:
                continue
            if field:
                bottom = max(bottom, area.bottom)
                places[field] = column  # of two blocks of indicators, the year's is the right one
        if table in self.tables or len(places) < 2:
            return False
        self.taken |= {(r, c) for r in range(row, bottom + 1) for c in range(self.grid.width)}
        self.tables[table] = self._lines(table, places, bottom + 1)
        return True

    def _lines(self, table: str, places: dict[str, int], first: int) -> list[Line]:
        lines: list[Line] = []
        left = min(places.values())
        above: dict[str, str] = {}
        for row in range(first, len(self.grid.rows)):
            if self._ends(row, left):
                break
            cells = [self.grid.text(row, column) for column in range(self.grid.width)]
            self.taken |= {(row, column) for column in range(self.grid.width)}
            if not any(cells[column].strip() for column in places.values() if column < len(cells)):
                continue
            if table == "indicators":
                _fill_down(cells, places, above)
            lines.append(Line(self.grid.name, places, row + 1, cells))
        return lines

    def _ends(self, row: int, left: int) -> bool:
        for column in range(left):
            area = self.grid.area(row, column)
            label = labels.plain(self.grid.text(row, column))
            if label and area.top == row and label not in labels.BESIDE:
                return True
            if label in labels.BESIDE and area.top == row and labels.plain(self.grid.text(row, left)) in labels.MARKS:
                return True
        return left == 0 and labels.plain(self.grid.text(row, 0)) in labels.ENDS


def _fill_down(cells: list[str], places: dict[str, int], above: dict[str, str]) -> None:
    """Fill a first level that is written once for several lines, and the second level with it."""
    levels = [name for name in ("category", "subcategory") if name in places]
    if "category" in places and cells[places["category"]].strip():
        above.clear()
        above.update({name: cells[places[name]] for name in levels})
        return
    for name in levels:
        if cells[places[name]].strip():
            above[name] = cells[places[name]]
        else:
            cells[places[name]] = above.get(name, "")
