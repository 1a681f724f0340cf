"""What a token in a pass costs: by the processor's own description."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from beholder.language import pass_costs
from beholder.language.drafts import Drafts
from beholder.language.pass_costs import FLOAT, INTEGER, PassCosts, of_processor

INTEL = "processor\t: 0\nmodel name\t: Intel\nflags\t\t: fpu avx avx2 {more}\nbugs\t\t: none\n"


@pytest.mark.parametrize(
    ("more", "computes_in_bfloat16", "expected"),
    [("", False, FLOAT), ("avx_vnni", False, INTEGER), ("avx512_vnni", False, INTEGER), ("", True, INTEGER)],
)
def test_products_of_integers_make_tokens_cheap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, computes_in_bfloat16: bool, expected: PassCosts
) -> None:
    """Linux tells which instructions there are."""
    description = tmp_path / "cpuinfo"
    description.write_text(INTEL.format(more=more))
    monkeypatch.setattr(pass_costs, "CPU_INFO", description)
    assert expected == of_processor(computes_in_bfloat16=computes_in_bfloat16)


def test_elsewhere_bfloat16_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every system describes its processor in a file."""
    monkeypatch.setattr(pass_costs, "CPU_INFO", tmp_path / "none")
    assert INTEGER == of_processor(computes_in_bfloat16=True)
    assert FLOAT == of_processor(computes_in_bfloat16=False)


def test_where_tokens_are_dear_less_is_guessed() -> None:
    """The same text goes on by fewer tokens at once."""
    text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 2, 3, 4]
    cheap, dear = (
        len(Drafts(text, least_chance=partial(costs.least_chance, 1)).propose(None)) for costs in (INTEGER, FLOAT)
    )
    assert 0 < dear < cheap


@pytest.mark.parametrize("costs", [INTEGER, FLOAT])
def test_beside_others_a_guess_must_be_likelier(costs: PassCosts) -> None:
    """It costs the pass as much, and saves a share of one; never more than what it saves."""
    chances = [costs.least_chance(sharing) for sharing in range(1, 9)]
    assert sorted(chances) == chances
    assert costs.first == chances[0] < chances[-1] < 1
    assert costs.free == costs.free_tokens(1)
    assert costs.least == costs.free_tokens(8)
