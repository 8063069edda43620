"""Checkpoints that are given for drivers are refused before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.behavior.checkpoint import check_given, shipped
from drivestack.cli.main import main
from drivestack.safety.critic import SHIPPED, Critic
from drivestack.sim.settings import settings_of
from tests.test_readme import ROOT

DEBRIS = str(ROOT / "scenarios/rare/debris.yaml")


def test_what_is_shipped_may_be_given() -> None:
    check_given(shipped("flow"), shipped("scorer"))
    check_given(None, None)


def test_the_shipped_critic_is_asked_for_by_a_word() -> None:
    settings = settings_of(critic="shipped")
    layer = settings.driver.layer
    assert layer is not None
    assert settings.decisive()["critic"] == "shipped", "the same wherever the package lies"
    assert layer.critic == str(SHIPPED)
    assert Critic.read(SHIPPED).columns.keys() == {"critic", "critic_silent"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["collect", DEBRIS, "--drivers", "flow", "--policy", "nowhere"], "nowhere"),
        (["collect", DEBRIS, "--drivers", "flow", "--policy", str(shipped("scorer"))], "policy"),
        (["train", "scorer", DEBRIS, "--driver", "flow", "--scorer", "nowhere"], "nowhere"),
        (["train", "scorer", DEBRIS, "--driver", "idm"], "unknown driver 'idm'"),
        (["run", DEBRIS, "--critic", "nowhere"], "'shipped' is the one that comes with it"),
    ],
)
def test_others_are_refused_and_nothing_is_made(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*words, "--out", str(out)]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert len(error.splitlines()) == 1
    assert not out.exists()
