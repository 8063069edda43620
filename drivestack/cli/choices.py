"""Verbs as typer has none: help that names what may be chosen, and Ctrl-C that is told."""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup


def names_in(text: str | None) -> tuple[str, ...] | None:
    """Names between commas; ``none``: no name at all. None: nothing was said."""
    if text is None or text == "none":
        return None if text is None else ()
    return tuple(name.strip() for name in text.split(","))


class Interrupted(Exception):
    """Ctrl-C, which typer would turn into an exit status without a word."""


class Verbs(TyperGroup):
    """All verbs."""

    def make_context(self, *words: Any, **more: Any) -> Any:
        """Read the command line; raises Interrupted."""
        try:
            return super().make_context(*words, **more)
        except KeyboardInterrupt:
            raise Interrupted from None

    def invoke(self, ctx: Any) -> Any:
        """Run the one that was chosen; raises Interrupted."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


class WithDefault(TyperGroup):
    """Verbs of which one is meant where none is named, such as ``safety SUITE``."""

    DEFAULT: ClassVar[str] = "suite"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the default where the first word is no verb."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.DEFAULT, *args]
        return super().parse_args(ctx, args)


class WithChoices(TyperCommand):
    """A verb whose help may name a kind of the catalogue in braces, such as ``{stacks}``.

    Registries are loaded only where the help is shown.
    """

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help with every kind replaced by its names."""
        from .catalogue import catalogue

        names = {kind: ", ".join(found) for kind, found in catalogue().items()}
        for parameter in self.params:
            if isinstance(getattr(parameter, "help", None), str):
                parameter.help = parameter.help.format_map(names)  # pyright: ignore
        super().format_help(ctx, formatter)
