"""Model predictive control of the plan: problems built in one file and solved in another."""

from .controller import Mpc, MpcState

__all__ = ["Mpc", "MpcState"]
