"""Puts a report together: scripts, styles, data, blocks, and a policy that forbids the rest."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

STYLES = ("base.css", "tables.css", "replay.css")
SCRIPTS = (
    "base.js",
    "format.js",
    "decode.js",
    "charts.js",
    "model.js",
    "camera.js",
    "scene.js",
    "strips.js",
    "transport.js",
    "view.js",
)
"""What every page may use, in this order; then the pages' own scripts, then `main.js`."""


def document(title: str, pages: Mapping[str, tuple[str, Any]], blocks: Mapping[str, str]) -> str:
    """The whole report.

    Args:
        title: of the window. pages: by name, title of the tab and data. blocks: by name, base64.
    """
    style = "\n".join(_own(name) for name in STYLES)
    parts = [_own(name) for name in SCRIPTS]
    parts += [_own(f"{name}.js", "pages") for name in pages]
    script = '"use strict";\n' + "\n".join([*parts, _own("main.js")])
    policy = (
        f"default-src 'none'; img-src data:; script-src '{_hash(script)}'; "
        f"style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    )
    facts = {
        "tabs": [{"name": name, "title": tab} for name, (tab, _) in pages.items()],
        "pages": {name: data for name, (_, data) in pages.items()},
    }
    blocks_html = "\n".join(
        f'<script type="application/octet-stream" id="{html.escape(name)}">{text}</script>'
        for name, text in blocks.items()
    )
    return _own("index.html").format(
        policy=policy,
        title=html.escape(title),
        style=style,
        data=_inert(json.dumps(facts, allow_nan=False, separators=(",", ":"))),
        blocks=blocks_html,
        script=script,
    )


def _own(name: str, folder: str = "page") -> str:
    """A file that is a part of every report."""
    return files("drivestack.report").joinpath(folder, name).read_text(encoding="utf-8")


def _inert(text: str) -> str:
    """JSON in which nothing ends a script or begins a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    """The source expression of exactly this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
