"""Parameters of a dataclass as a row of a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivestack.core.parameters import parameter_table


@dataclass(frozen=True, slots=True)
class Gains:
    speed: float
    steps: int = 3
    turn: float = 0.5


def test_float_fields_become_columns() -> None:
    table = parameter_table(Gains(2))
    assert table.dtype.names == ("speed", "turn")
    assert (table.shape, table[0]["speed"], table[0]["turn"]) == ((1,), 2.0, 0.5)
    assert parameter_table(replace(Gains(2), turn=0.25))[0]["turn"] == 0.25
