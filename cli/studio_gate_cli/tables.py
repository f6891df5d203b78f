"""Rows for people, with what comes from elsewhere made fit for a terminal."""

from collections.abc import Sequence

from studio_gate_cli.failures import readable


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows under their head, in columns that are as wide as they must be."""
    cells = [list(head), *([readable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def span(seconds: int) -> str:
    """Return a number of seconds in the largest unit that has a whole number of it."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds:d} s"
