"""Words for the 80 classes of COCO: which class a phrase names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

CLASSES: Final = (
    *("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light"),
    *("fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow"),
    *("elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee"),
    *("skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard"),
    *("tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple"),
    *("sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch"),
    *("potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone"),
    *("microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear"),
    *("hair drier", "toothbrush"),
)
SYNONYMS: Final = {
    "person": "people man men woman women child children kid boy girl baby toddler adult lady guy gentleman player "
    "skier surfer snowboarder skateboarder rider cyclist pedestrian worker crowd human",
    "bicycle": "bike cycle",
    "car": "automobile sedan suv taxi cab minivan",
    "motorcycle": "motorbike scooter moped",
    "airplane": "plane aeroplane aircraft jet airliner jetliner",
    "bus": "minibus",
    "train": "locomotive tram",
    "truck": "lorry pickup",
    "boat": "ship canoe kayak sailboat ferry yacht vessel",
    "traffic light": "stoplight traffic_signal",
    "fire hydrant": "hydrant",
    "bird": "seagull gull duck pigeon owl parrot goose eagle",
    "cat": "kitten kitty",
    "dog": "puppy",
    "horse": "pony",
    "sheep": "lamb ewe",
    "cow": "cattle bull calf ox",
    "bear": "polar_bear grizzly",
    "backpack": "rucksack knapsack",
    "umbrella": "parasol",
    "handbag": "purse",
    "tie": "necktie bow_tie",
    "suitcase": "luggage baggage",
    "skis": "ski",
    "sports ball": "ball football baseball tennis_ball soccer_ball basketball volleyball",
    "baseball bat": "bat",
    "baseball glove": "mitt",
    "surfboard": "surf_board",
    "tennis racket": "racket racquet tennis_racquet",
    "wine glass": "wineglass goblet",
    "cup": "mug teacup coffee_cup",
    "sandwich": "burger hamburger cheeseburger",
    "hot dog": "hotdog",
    "donut": "doughnut",
    "chair": "armchair stool highchair",
    "couch": "sofa settee loveseat",
    "potted plant": "houseplant plant",
    "dining table": "table desk",
    "tv": "television tv_monitor television_set monitor tv_screen",
    "laptop": "notebook_computer laptop_computer",
    "mouse": "computer_mouse",
    "remote": "remote_control wii_remote controller",
    "cell phone": "cellphone mobile_phone smartphone phone telephone",
    "microwave": "microwave_oven",
    "oven": "stove range",
    "sink": "basin washbasin",
    "refrigerator": "fridge",
    "clock": "wall_clock",
    "vase": "flower_vase",
    "teddy bear": "teddy stuffed_bear",
    "hair drier": "hair_dryer hairdryer blow_dryer",
}
"""Other words for a class, underscores for spaces, in the manner of CHAIR (Rohrbach et al. 2018)."""

NAMES: Final = {name: name for name in CLASSES} | {
    word.replace("_", " "): name for name, words in SYNONYMS.items() for word in words.split()
}
BREAK = re.compile(r"\s*(?:[,;/]|\band\b|&)\s*")
AFTER = re.compile(r"\b(?:of|with|on|in|at|for|from|near|behind|under|holding|wearing|full)\b.*|\(.*")


def classes_of(phrase: str) -> set[str]:
    """The classes that a phrase from a list names: by the words at its end, so that a dog collar is not a dog."""
    return {name for piece in BREAK.split(phrase.lower()) if (name := _class_of(piece)) is not None}


def _class_of(piece: str) -> str | None:
    words = re.findall(r"[a-z]+", AFTER.sub("", piece.replace("-", " ")))
    for start in range(max(0, len(words) - 3), len(words)):
        for ending in _singulars(words[start:]):
            if ending in NAMES:
                return NAMES[ending]
    return None


def _singulars(words: list[str]) -> Iterator[str]:
    """The phrase as it is, and with its last word's plural endings off."""
    *before, last = words
    yield " ".join(words)
    for ending, instead in (("ies", "y"), ("ves", "fe"), ("es", ""), ("s", "")):
        if last.endswith(ending):
            yield " ".join([*before, last.removesuffix(ending) + instead])
