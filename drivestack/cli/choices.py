"""Help that names what may be chosen; registries are loaded only where it is shown."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class WithChoices(TyperCommand):
    """A verb whose help may name a kind of the catalogue in braces, such as ``{stacks}``."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help with every kind replaced by its names."""
        from .catalogue import catalogue

        names = {kind: ", ".join(found) for kind, found in catalogue().items()}
        for parameter in self.params:
            if isinstance(getattr(parameter, "help", None), str):
                parameter.help = parameter.help.format_map(names)  # pyright: ignore
        super().format_help(ctx, formatter)
