"""The cut-in grid of UN R157: its cases, who drives them, and what is possible at all."""
