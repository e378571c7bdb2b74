"""Child process: reads one sheet of a workbook from standard input and writes its rows as JSON."""

import io
import json
import resource
import sys


def main() -> None:
    """Read with the limits given as arguments: CPU seconds, bytes of memory, rows, columns."""
    cpu, memory, most_rows, most_columns = (int(text) for text in sys.argv[1:5])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    from python_calamine import CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        sheet = workbook.get_sheet_by_index(0)
    except Exception:
        sys.stdout.write(json.dumps({"error": "broken"}))
        return
    if sheet.total_height > most_rows or sheet.total_width > most_columns:
        sys.stdout.write(json.dumps({"error": "large"}))
        return
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    sys.stdout.write(json.dumps({"rows": rows}))


def _text(cell: object) -> str:
    """Return a cell as text; whole numbers without the decimal point that Excel gives codes."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    main()
