"""From single measurements to the figures: medians, paired ratios, accuracies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, Final

from beholder.bench.answer_measure import Measured
from beholder.bench.answer_server import NAME

OPENVINO: Final = ("openvino", "openvino_lookup")


def summarize(answers: Sequence[Measured]) -> dict[str, Any]:
    """The comparison: by contestant and kind of work, and Beholder's paired ratios to each other's time."""
    structured = paired_ratios(answers, "structured")
    free = paired_ratios(answers, "free")
    return {
        "ratios": best_of_openvino(structured),
        "ratios_each": structured,
        "ratios_first_byte": paired_ratios(answers, "structured", of="first"),
        "short_ratio": best_of_openvino(paired_ratios(answers, "short")),
        "free_text_ratio": best_of_openvino(free),
        "passes_per_token": passes_per_token(answers, NAME),
        "tokens": token_kinds(answers),
        "accuracy": accuracies(answers),
        "contestants": {name: _by_kind(answers, name) for name in _names(answers)},
    }


def paired_ratios(answers: Sequence[Measured], kind: str, *, of: str = "wall") -> dict[str, float]:
    """Beholder's seconds over the other's for the same task, the median over all tasks, by the other's name."""
    ours = {each.task: getattr(each, of) for each in _of(answers, NAME, kind)}
    ratios = {
        name: [ours[each.task] / getattr(each, of) for each in _of(answers, name, kind) if each.task in ours]
        for name in _names(answers)
        if name != NAME
    }
    return {name: round(median(values), 4) for name, values in ratios.items() if values}


def best_of_openvino(ratios: dict[str, float]) -> dict[str, float]:
    """OpenVINO's two ways as one contestant: the faster, against which our ratio is the higher."""
    both = [ratios[name] for name in OPENVINO if name in ratios]
    rest = {name: value for name, value in ratios.items() if name not in OPENVINO}
    return rest | ({"openvino": max(both)} if both else {})


def passes_per_token(answers: Sequence[Measured], name: str) -> float | None:
    """Runs over the weights for each token of the structured answers, reading the prompt left out."""
    told = [(each.passes, each.tokens) for each in _of(answers, name, "structured")]
    known = [(passes, tokens) for passes, tokens in told if passes is not None and tokens]
    if not known:
        return None
    return round(sum(passes for passes, _ in known) / sum(tokens for _, tokens in known), 4)


def token_kinds(answers: Sequence[Measured]) -> dict[str, int]:
    """How the tokens of Beholder's structured answers came about."""
    ours = _of(answers, NAME, "structured")
    return {kind: sum(getattr(each, kind) or 0 for each in ours) for kind in ("tokens", "decided", "forced", "copied")}


def accuracies(answers: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """The mean score of each contestant on each kind of work that can be judged."""
    table: dict[str, dict[str, float]] = {}
    for name in _names(answers):
        for kind in ("structured", "short"):
            scores = [each.score for each in _of(answers, name, kind) if each.score is not None]
            if scores:
                table.setdefault(name, {})[kind] = round(sum(scores) / len(scores), 4)
    return table


def _by_kind(answers: Sequence[Measured], name: str) -> dict[str, dict[str, float | int | None]]:
    kinds = dict.fromkeys(each.kind for each in answers if each.contestant == name)
    return {kind: _medians(_of(answers, name, kind)) for kind in kinds}


def _medians(answers: Sequence[Measured]) -> dict[str, float | int | None]:
    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(median(known), 4) if known else None

    return {
        "answers": len(answers),
        "first_seconds": middle(each.first for each in answers),
        "wall_seconds": middle(each.wall for each in answers),
        "prompt_tokens": middle(each.prompt_tokens for each in answers),
        "tokens": middle(each.tokens for each in answers),
        "passes": middle(each.passes for each in answers),
    }


def _names(answers: Iterable[Measured]) -> list[str]:
    return list(dict.fromkeys(each.contestant for each in answers))


def _of(answers: Iterable[Measured], name: str, kind: str) -> list[Measured]:
    return [each for each in answers if each.contestant == name and each.kind == kind]
