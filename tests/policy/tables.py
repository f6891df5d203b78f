"""Tables of decisions: how many requests of a row and a column are allowed, and which not as they must be."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.policy.world import Case


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in its place of a table, and whether it has to be allowed."""

    row: str
    column: str
    case: Case
    must: bool


@dataclass(slots=True)
class Cell:
    """How many requests there were, how many of them are allowed, and those that are not decided as they must be."""

    asked: int = 0
    allowed: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.allowed}/{self.asked}{' !' if self.wrong else ''}" if self.asked else ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells in the order in which they were first asked about."""

    title: str
    rows: dict[str, dict[str, Cell]]

    @property
    def cells(self) -> list[Cell]:
        """Every cell."""
        return [cell for row in self.rows.values() for cell in row.values()]

    @property
    def wrong(self) -> list[str]:
        """What is not decided as it must be."""
        return [said for cell in self.cells for said in cell.wrong]

    def count(self, row: str = "", column: str = "") -> tuple[int, int]:
        """Return how many were allowed and how many asked, where row and column have these words in them."""
        found = [cell for name, cells in self.rows.items() if row in name for of, cell in cells.items() if column in of]
        return sum(one.allowed for one in found), sum(one.asked for one in found)

    def __str__(self) -> str:
        columns = list(dict.fromkeys(column for row in self.rows.values() for column in row))
        lines = [[self.title, *columns]]
        lines += [[name, *(str(row.get(column, "")) for column in columns)] for name, row in self.rows.items()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                [
                    line[0].ljust(widths[0]),
                    *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
                ]
            )
            for line in lines
        )


def table(title: str, asked: Iterable[Asked]) -> Table:
    """Decide every request, and count."""
    rows: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for one in asked:
        cell, verdict = rows[one.row][one.column], one.case.verdict()
        cell.asked += 1
        cell.allowed += verdict.allowed
        if verdict.allowed is not one.must:
            cell.wrong.append(f"{one.row}, {one.column}: {one.case.said}: {verdict.why}")
    return Table(title, rows)
