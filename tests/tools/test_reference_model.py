"""The cards of the shipped models are those of the files that are shipped."""

from __future__ import annotations

import pytest

from drivestack.behavior.checkpoint import shipped
from tests.test_readme import ROOT
from tools import reference_model


def test_the_page_is_of_what_is_shipped() -> None:
    assert (ROOT / "docs" / "models.md").read_text() == reference_model.page()


def test_what_is_shipped_is_small() -> None:
    total = sum(file.stat().st_size for file in shipped("flow").parent.glob("*.safetensors"))
    assert total <= 8_000_000


def test_nothing_shipped_was_made_of_seeds_of_reports() -> None:
    text = reference_model.page()
    assert text.count("seeds 0 to 7,999 and 8,000 to 8,999") == 2


def test_mistakes_are_told_in_a_sentence(
    tmp_path: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_model, "FILES", (ROOT / "nothing.yaml",))
    assert reference_model.main(["--folder", str(tmp_path)]) == 2
    error = capsys.readouterr().err.strip()
    assert "nothing.yaml" in error
    assert len(error.splitlines()) == 1
