"""Whatever loads torch does it strictly and in one thread; what needs none loads none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from drivestack.behavior.torch_setup import SETTING, strict_branch

TOLD = (
    "import os, sys, {module}; import torch; print(os.environ['MKL_CBWR'], torch.get_num_threads())"
)


def said(code: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name != SETTING}
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "module",
    [
        "drivestack.behavior.heads",
        "drivestack.behavior.heads.flow",
        "drivestack.behavior.policy",
        "drivestack.learn.planner.training",
        "drivestack.learn.critic.training",
    ],
)
def test_torch_is_strict_and_has_one_thread(module: str) -> None:
    assert said(TOLD.format(module=module)) == f"{strict_branch()} 1"


def test_a_stack_without_a_network_loads_no_torch() -> None:
    code = (
        "import sys, drivestack.stack as s; from drivestack.core.start import Rates; "
        "s.STACKS['pdm_lane'](s.Setup(Rates(20, 20, 10))); print('torch' in sys.modules)"
    )
    assert said(code) == "False"
