"""What each kind of row counts, on cases made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from beholder.errors import InvalidRequest
from beholder.evals.answer import Answer, GroundedBox
from beholder.evals.moderation import area_under_curve
from beholder.evals.object_names import classes_of
from beholder.evals.receipts import parse_day, same_field
from beholder.evals.registry import TASKS
from beholder.evals.rows import Row
from beholder.evals.running import Outcome, score, summarise


def row(task: str, expected: Any, **fields: Any) -> Row:
    """A row of the task."""
    return Row("r", task, fields.pop("prompt", "p"), (Path("a.png"),), {"expected": expected, **fields})


def parts(of: Row, said: Any, **more: Any) -> Mapping[str, Any]:
    """What an answer is worth; JSON where it is not text."""
    return score(of, Answer(said if isinstance(said, str) else json.dumps(said), **more))


def metrics(*pairs: tuple[Row, Any]) -> dict[str, Any]:
    """The metrics over rows and what was said about them."""
    outcomes = []
    for each, said in pairs:
        answer = Answer(said if isinstance(said, str) else json.dumps(said))
        outcomes.append(Outcome(each, answer, score(each, answer)))
    return summarise("set", len(pairs), outcomes)


@pytest.mark.parametrize(
    ("name", "value", "expected", "verdict"),
    [
        ("company", "ACME sdn. bhd", "Acme Sdn Bhd", True),
        ("company", "ACME", "ACME LTD", False),
        ("total", "RM 1,204.50", "1204.5", True),
        ("total", "12.0", "12.01", False),
        ("total", "none", "12.01", False),
        ("date", "05 Mar 2018", "05/03/18", True),
        ("date", "5-3-2018", "05/03/2018", True),
        ("date", "03/05/2018", "05/03/2018", False),
        ("date", "2018-03-05", "05.03.2018", True),
        ("date", "soon", "05.03.2018", False),
    ],
)
def test_receipt_fields(name: str, value: str, expected: str, verdict: bool) -> None:
    """Letters and digits for names, the amount for totals, the day for dates, day first."""
    assert verdict is same_field(name, value, expected)


def test_no_date_is_no_day() -> None:
    """What is no date has no day, so that two of them are not the same."""
    assert parse_day("") is None
    assert parse_day("31/02/2018") is None


RECEIPT = row("receipt_kie", {"company": "ACME", "date": "01/02/2020", "address": "1 High Street", "total": "9.50"})


def test_receipts_count_fields_and_boxes() -> None:
    """Three of four fields; of three boxes one holds what it claims, one something else, one is not of the value."""
    said = {"company": "Acme", "date": "1 Feb 2020", "address": "1 High St", "total": "9.50"}
    boxes = (
        GroundedBox("/total", "9.50", 0, (0, 0, 9, 9), read="TOTAL 9.50"),
        GroundedBox("/company", "ACME", 0, (0, 0, 9, 9), read="Thank you"),
        GroundedBox("/date", "12:30", 0, (0, 0, 9, 9), read="12:30"),
    )
    got = parts(RECEIPT, said, grounding=boxes)
    assert (0.75, False, 3, 1) == (got["score"], got["all_four"], got["boxes"], got["boxes_contained"])
    assert pytest.approx(3 / 8) == got["tightness"]
    assert (4, 3) == (got["values"], got["values_grounded"])


def test_grounding_is_unknown_without_boxes() -> None:
    """A server that grounds nothing has no share of right boxes, rather than none right."""
    summary = metrics((RECEIPT, RECEIPT.expected))
    assert (1.0, 1.0, None, None) == tuple(
        summary[name] for name in ("score", "all_four", "grounding", "values_grounded")
    )


FORM = row(
    "form_kie",
    {
        "fields": [
            {"question": "Name:", "answers": ["Ann Lee"]},
            {"question": "Sizes", "answers": ["10", "12"]},
            {"question": "City", "answers": ["Delft"]},
        ]
    },
)


def test_pairs_of_forms() -> None:
    """A value may be one of several or all of them; a misread letter passes, but not as exact."""
    said = [("NAME", "Ann Les"), ("Sizes", "10 12"), ("Fax", "none")]
    got = parts(FORM, {"fields": [{"question": question, "answer": answer} for question, answer in said]})
    assert (2, 3, 2, 3) == tuple(got[name] for name in ("hits", "predicted", "recalled", "expected"))
    assert (1, 1) == (got["exact_hits"], got["exact_recalled"])
    assert pytest.approx(2 / 3) == got["score"]


def test_a_value_is_not_found_twice() -> None:
    """Saying a pair again is a wrong pair; two values of one label are two right pairs and one field."""
    twice = [{"question": "City", "answer": "Delft"}] * 2
    assert (1, 2) == tuple(parts(FORM, {"fields": twice})[name] for name in ("hits", "predicted"))
    sizes = [{"question": "Sizes", "answer": size} for size in ("10", "12")]
    assert (2, 1) == tuple(parts(FORM, {"fields": sizes})[name] for name in ("hits", "recalled"))


def test_words_of_the_evidence_are_recalled() -> None:
    """The share of the page's words that were read, where the server tells what it read."""
    page = row("form_kie", {"fields": []}, ocr_words=["Dear", "Sir,", "Sir"])
    assert pytest.approx(2 / 3) == parts(page, {"fields": []}, lines=("dear sir",))["word_recall"]
    assert parts(page, {"fields": []})["word_recall"] is None


def test_screen_questions_know_silence() -> None:
    """Saying that there is no answer is right only where there is none."""
    assert 1.0 == parts(row("screen_qa", ["<no answer>"]), "No answer.")["score"]
    assert 0.0 == parts(row("screen_qa", ["4"]), "<no answer>")["score"]
    assert 0.0 == parts(row("screen_qa", ["<no answer>"]), "4")["score"]
    assert 1.0 == parts(row("screen_qa", ["four", "4 of them"]), "4")["score"]


def test_texts_of_a_screen() -> None:
    """Each text is found once; texts to be ignored cost nothing, others lower the precision."""
    screen = row("ui_text_inventory", {"texts": ["Sign in", "Sign in", "Help\nand more"]}, ignore_texts=["v1.2"])
    summary = metrics((screen, {"texts": ["sign in", "Help and more", "v1.2", "icon"]}))
    assert (pytest.approx(0.6667), pytest.approx(0.6667)) == (summary["text_recall"], summary["text_precision"])
    assert 1.0 == parts(screen, ["Sign in", "Sign in", "Help and more"])["score"]


@pytest.mark.parametrize(
    ("said", "is_inside"),
    [
        ('{"x": 15, "y": 25}', 1.0),
        ('{"x": 5, "y": 25}', 0.0),
        ("[10, 20, 30, 40]", 1.0),
        ("(15, 25)", 1.0),
        ("no", 0.0),
    ],
)
def test_points(said: str, is_inside: float) -> None:
    """A point, or a box's middle, within the element."""
    target = row("ui_grounding", {"box": [10, 20, 30, 40], "box_norm": [0.1, 0.1, 0.3, 0.2]})
    assert is_inside == parts(target, said)["score"]


def test_dark_patterns() -> None:
    """Counts of labels over all screens; naming none is right where there is none; no list at all is wrong."""
    none = row("ui_critique_dark_patterns", {"dark_patterns": [], "any": False})
    some = row("ui_critique_dark_patterns", {"dark_patterns": ["NAGGING", "COUNTDOWN TIMER"], "any": True})
    summary = metrics((none, {"dark_patterns": []}), (some, {"dark_patterns": ["nagging", "LIMITED TIME MESSAGE"]}))
    assert (0.5, 1.0, 1.0) == (summary["score"], summary["merged_f1"], summary["any_accuracy"])
    assert (0.0, 0.0) == tuple(parts(none, "cannot say")[name] for name in ("score", "any_right"))


def test_moderation() -> None:
    """Confidence in a no is turned round; the endpoint's score goes first; no verdict is wrong both ways."""
    bad, good = (row("moderation", {"flagged": flagged}) for flagged in (True, False))
    summary = metrics((bad, {"flagged": False, "confidence": 0.6}), (good, {"flagged": False, "confidence": 0.9}))
    assert (1.0, 0.5, 0.0) == (summary["auroc"], summary["accuracy"], summary["recall"])
    assert 0.7 == parts(bad, "", flag_score=0.7, flagged=True)["flag_score"]
    assert (0.0, 0.0) == (parts(bad, "?")["score"], parts(good, "?")["score"])


def test_area_under_curve() -> None:
    """How often the positives are above the negatives; a tie is half a win."""
    assert 0.75 == area_under_curve([0.9, 0.4], [0.4, 0.1, 0.5, 0.4])
    assert area_under_curve([], [0.1]) is None


PAIR = row("spot_the_difference", {"count": 2, "boxes": [[10, 10, 20, 20], [100, 100, 140, 140]]})


def differences(*boxes: list[int]) -> dict[str, Any]:
    """An answer with these boxes."""
    return {"differences": [{"description": "d", "box": box} for box in boxes]}


@pytest.mark.parametrize(
    ("boxes", "hits"),
    [
        ([[28, 28, 40, 40]], 1),  # the centre is 14 pixels off
        ([[30, 30, 44, 44]], 0),  # 17 off
        ([[100, 100, 220, 160]], 1),  # the overlap is 1600 of 7200
        ([[12, 12, 18, 18], [13, 13, 19, 19]], 1),  # one to one
        ([[12, 12, 18, 18], [110, 110, 120, 120]], 2),
    ],
)
def test_differences_are_found_by_place(boxes: list[list[int]], hits: int) -> None:
    """By the centre within fifteen pixels, or an overlap of a fifth, each once."""
    got = parts(PAIR, differences(*boxes))
    assert (hits, len(boxes), abs(len(boxes) - 2)) == (got["hits"], got["predicted"], got["count_error"])


def test_a_difference_may_be_grounded() -> None:
    """Without a box of its own, the grounded one in the second picture counts."""
    said = {"differences": [{"description": "a ball is gone"}, {"description": "a hat"}]}
    boxes = (
        GroundedBox("/differences/0/description", "", 0, (100, 100, 140, 140)),
        GroundedBox("/differences/0/description", "", 1, (10, 10, 20, 20)),
    )
    got = parts(PAIR, said, grounding=boxes)
    assert (1, 2) == (got["hits"], got["predicted"])


def test_controls_and_statements_are_words() -> None:
    """The first word that is one of the two decides."""
    assert 1.0 == parts(row("same_image_control", "identical"), "**Identical.**")["score"]
    assert 0.0 == parts(row("same_image_control", "identical"), "They are different")["score"]
    assert 1.0 == parts(row("visual_statement", "false"), "No, false.")["score"]
    assert 0.0 == parts(row("visual_statement", "false"), "maybe")["score"]


def test_must_include_is_by_words_in_any_form() -> None:
    """Half an item's words are enough, endings and small misspellings aside; common words do not count."""
    screen = row("screen_description_nl", {"must_include": ["Zoekbalk", "de knop 'Opslaan'", "Kaart van de stad"]})
    got = parts(screen, "Er zijn zoekbalken en een grote knop om op te slaan.")
    assert [1.0, 0.5, 0.0] == got["covered"]
    assert pytest.approx(2 / 3) == got["score"]


@pytest.mark.parametrize(
    ("phrase", "classes"),
    [
        ("two wooden chairs", {"chair"}),
        ("hot dog", {"hot dog"}),
        ("dog collar", set()),
        ("a bowl of apples", {"bowl"}),
        ("man, woman and knives", {"person", "knife"}),
        ("mobile phone (black)", {"cell phone"}),
        ("skis", {"skis"}),
        ("buses", {"bus"}),
    ],
)
def test_phrases_name_classes(phrase: str, classes: set[str]) -> None:
    """By the words at the end, in the singular or plural, with synonyms."""
    assert classes == classes_of(phrase)


def test_photos_count_what_is_there_and_what_is_made_up() -> None:
    """Recall over the salient objects; objects that are not there count for each image."""
    photo = row(
        "photo_objects_caption",
        {"objects": ["cat", "bed"], "salient_objects": ["cat", "bed"], "captions": ["a cat on a bed"]},
        absent=["dog", "car"],
    )
    summary = metrics((photo, {"alt_text": "A cat", "objects": ["kitten", "puppy"]}))
    assert (0.5, 1.0, 0.5) == tuple(
        summary[name] for name in ("object_recall", "hallucinated_per_image", "hallucination_rate")
    )
    probes = list(TASKS[photo.task].expand(photo))
    assert ["yes", "yes", "no", "no"] == [probe.expected for probe in probes]
    assert probes == list(TASKS[photo.task].expand(photo))
    assert 1.0 == parts(probes[0], "Yes.")["score"]


def test_every_task_survives_any_answer() -> None:
    """No answer of a server, however odd, stops a run."""
    rows = [RECEIPT, FORM, PAIR, row("screen_qa", ["Tuesday"]), row("moderation", {"flagged": True})]
    rows += [row("table_to_html", "<table><tr><td>a</td></tr></table>"), row("chart_qa", "5")]
    rows += [row("ui_grounding", {"box": [1, 2, 3, 4]}), row("ui_text_inventory", {"texts": ["a"]})]
    rows += [row("ui_critique_dark_patterns", {"dark_patterns": ["NAGGING"], "any": True})]
    odd = ["", "null", "[]", "[[1]]", "{}", '"x"', "3", "{" * 3000, '{"fields": [1, null]}', '{"objects": "x"}']
    odd += ['{"x": null, "y": 1}', '{"differences": [5, {"box": "a"}]}', "<table>", '{"texts": {"a": [1]}}', "\ud800"]
    for each in rows:
        for said in odd:
            assert 0.0 == parts(each, said)["score"], (each.task, said)


def test_labels_of_another_form_are_told() -> None:
    """A row whose labels are not what its task needs is named."""
    with pytest.raises(InvalidRequest, match="row r: its labels are not those of ui_grounding"):
        parts(row("ui_grounding", {}), '{"x": 1, "y": 2}')
