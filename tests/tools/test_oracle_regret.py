"""What is said of planted regrets."""

from __future__ import annotations

import numpy as np
import pytest

from tools.oracle_regret import page, summary


def test_planted_regrets_are_said() -> None:
    told = summary(np.array([0.0] * 90 + [0.2] * 10))
    assert told["mean"] == pytest.approx(0.02)
    assert told["low"] < 0.02 < told["high"]
    assert (told["median"], told["none"], told["above_0.1"]) == (0.0, 0.9, 0.1)
    text = page(told)
    assert "| states | 100 |" in text
    assert "| nothing missed | 90.0 % |" in text
    assert "--states 100 --out" in text
