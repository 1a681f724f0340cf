"""Photos: networks from pinned weights, labels with scores; drawings, which show nothing that they know."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from beholder.errors import WeightsError
from beholder.evidence import Label
from beholder.perception.photos import PhotoReader, describe_photo
from beholder.perception.photos.appearance import appearance
from beholder.perception.photos.checkpoint import read_state
from beholder.perception.photos.classifier import EDGE, Classifier
from beholder.perception.photos.imagenet import CLASSES
from beholder.perception.photos.words import UNGROUPED, WORDS
from beholder.perception.policies import POLICIES
from beholder.perception.safety import SafetyReader
from beholder.settings import Settings
from beholder.types import Image, Where
from beholder.weights import EFFICIENTNET, ensure


def image_of(picture: Pillow.Image, scale: int = 1) -> Image:
    """A drawing as the loader delivers it; with `scale`, as if it had been reduced from so much larger a picture."""
    pixels = np.asarray(picture.convert("RGB"))
    return Image("digest", "PNG", (picture.width * scale, picture.height * scale), pixels, Where(0, 0, "x"))


@pytest.fixture(scope="module")
def reader() -> PhotoReader:
    """One reader for all tests: loading its networks takes a second."""
    return PhotoReader(Settings.load())


def traffic_light() -> Pillow.Image:
    """A traffic light before the sky, which a classifier of photos takes for one though it is drawn."""
    picture = Pillow.new("RGB", (400, 400), (120, 170, 220))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((190, 270, 210, 400), fill=(50, 50, 50))
    pen.rounded_rectangle((145, 40, 255, 290), 16, fill=(25, 25, 20))
    for row, colour in enumerate(((250, 40, 20), (90, 80, 10), (10, 70, 30))):
        pen.ellipse((165, 55 + 78 * row, 235, 125 + 78 * row), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1))


def test_a_plain_picture_shows_nothing(reader: PhotoReader) -> None:
    """Of one colour, nothing is recognised, no face is found, and the colour is all of the picture."""
    labels = reader.recognise(image_of(Pillow.new("RGB", (300, 200), (200, 30, 30))))
    assert [("colour red #c81e1e", 1.0)] == [(label.name, label.score) for label in labels if "colour" in label.name]
    measures = {label.name: label.score for label in labels[1:]}
    assert {"brightness", "contrast", "sharpness"} == set(measures)
    assert (0.0, 0.0) == (measures["contrast"], measures["sharpness"])


def test_a_thing_is_recognised(reader: PhotoReader) -> None:
    """A drawing that looks enough like a photo of a thing has its everyday word among the first labels."""
    labels = reader.recognise(image_of(traffic_light()))
    assert "traffic light" == labels[0].name
    assert 0.4 <= labels[0].score <= 1


def test_the_same_picture_has_the_same_labels(reader: PhotoReader) -> None:
    """Looking twice gives the same scores and boxes."""
    image = image_of(traffic_light())
    assert reader.recognise(image) == reader.recognise(image)


def test_looks_are_boxes_in_original_pixels(reader: PhotoReader) -> None:
    """The first look is the whole picture, the others are squares within it, which cover it."""
    glances = reader.glance(image_of(Pillow.new("RGB", (300, 200), "white"), scale=4))
    assert (0.0, 0.0, 1200.0, 800.0) == glances.boxes[0]
    covered = np.zeros((800, 1200), bool)
    for left, top, right, bottom in glances.boxes[1:]:
        assert 0 <= left < right <= 1200.001
        assert 0 <= top < bottom <= 800.001
        assert right - left == pytest.approx(bottom - top)
        covered[int(top) : round(bottom), int(left) : round(right)] = True
    assert covered.all()
    assert (len(glances.boxes), 1000) == glances.probabilities.shape
    assert np.allclose(1, glances.probabilities.sum(axis=1), atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (40, 30)])
def test_any_shape_is_looked_at(reader: PhotoReader, size: tuple[int, int]) -> None:
    """The smallest and the narrowest pictures are answered like all others, after a bounded number of looks."""
    image = image_of(Pillow.new("RGB", size, "white"))
    assert 3 <= len(reader.glance(image).boxes) <= 14
    assert () == reader.find_faces(image)


def test_drawings_of_text_have_no_faces(reader: PhotoReader) -> None:
    """Letters and boxes are not taken for faces."""
    picture = Pillow.new("RGB", (600, 400), "white")
    pen = ImageDraw.Draw(picture)
    for row in range(12):
        pen.text((20, 20 + 30 * row), "Oo 8 8 oO :) 0_0 total 12.50", fill="black", font_size=22)
    assert () == reader.find_faces(image_of(picture))


def test_words_hold_each_class_once() -> None:
    """No class has two everyday words, every class has a word or its own name, and there are 1000."""
    grouped = [number for numbers in WORDS.values() for number in numbers]
    assert (1000, 1000) == (len(CLASSES), len(set(grouped) | set(UNGROUPED)))
    assert len(grouped) == len(set(grouped))
    assert ("tench", "toilet paper") == (CLASSES[0], CLASSES[999])


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        ("firearms", {"assault rifle", "revolver", "rifle"}),
        ("blades", {"cleaver", "hatchet", "letter opener"}),
        ("alcohol", {"beer bottle", "beer glass", "cocktail shaker", "wine bottle", "red wine"}),
        ("swimwear", {"bikini", "bra", "one-piece bathing suit", "swim trunks / shorts"}),
        ("medicine", {"pill bottle", "syringe"}),
    ],
)
def test_policies_name_the_classes_they_say(policy: str, names: set[str]) -> None:
    """The numbers of a policy are those of the things that it is about."""
    assert names == {CLASSES[number] for number in POLICIES[policy].classes}


def test_safety_scores_every_policy(reader: PhotoReader) -> None:
    """A harmless drawing has a low score for each, in range, the same every time."""
    image = image_of(traffic_light())
    safety = SafetyReader(Settings.load(), reader)
    scores = safety.judge(image)
    assert ("nsfw", *POLICIES) == tuple(score.name for score in scores)
    assert [] == [score for score in scores if not 0 <= score.score < score.threshold]
    assert scores == safety.judge(image)


def test_appearance_is_measured() -> None:
    """Shares, brightness and contrast are those of the drawing; blurring it lowers its sharpness."""
    picture = Pillow.new("RGB", (200, 100), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 49, 99), fill="black")
    labels = {label.name: label.score for label in appearance(image_of(picture))}
    assert pytest.approx(0.75, abs=0.03) == labels["colour white #ffffff"]
    assert pytest.approx(0.75, abs=0.02) == labels["brightness"]
    assert pytest.approx(0.87, abs=0.03) == labels["contrast"]
    blurred = {each.name: each.score for each in appearance(image_of(picture.filter(ImageFilter.GaussianBlur(6))))}
    assert blurred["sharpness"] < labels["sharpness"]


def test_the_description_says_what_it_cannot_tell() -> None:
    """Things, the doubtful ones apart, faces counted, colours, measures, and the limits of all that."""
    labels = (
        Label("dog", 0.91, "m"),
        Label("sofa", 0.45, "m"),
        Label("face", 0.99, "m"),
        Label("face", 0.97, "m"),
        Label("colour red #c81e1e", 0.5, "m"),
        Label("brightness", 0.42, "m"),
    )
    lines = describe_photo(labels).splitlines()
    expected = [
        "Recognised: dog",
        "Perhaps: sofa",
        "Faces found: 2",
        "Main colours: red #c81e1e (50%)",
        "brightness 0.42 (0 to 1)",
    ]
    assert expected == lines[:5]
    assert "cannot be told" in lines[5]
    assert [*expected[:3], lines[5]] == describe_photo(labels, has_colours=False, has_measures=False).splitlines()
    assert "was not recognised" in describe_photo(labels[2:]).splitlines()[0]
    assert "" == describe_photo(())


def test_the_network_is_what_the_checkpoint_says() -> None:
    """The pinned checkpoint reads as 1000 rows of 1280 weights, and the network made of it gives probabilities."""
    state = read_state(ensure(EFFICIENTNET, Settings.load()))
    assert ((1000, 1280), (32, 3, 3, 3)) == (state["_fc.weight"].shape, state["_conv_stem.weight"].shape)
    pictures = np.zeros((9, EDGE, EDGE, 3), np.uint8)
    probabilities = Classifier(Settings.load()).probabilities(pictures)
    assert (9, 1000) == probabilities.shape
    assert np.allclose(1, probabilities.sum(axis=1), atol=1e-4)


class Evil:
    """What a pickle could make a careless reader call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self._path,)


def test_a_pickle_cannot_run_anything(tmp_path: Path) -> None:
    """A checkpoint that asks for a call is refused by name, and the call is not made."""
    file, touched = tmp_path / "evil.pth", tmp_path / "touched"
    file.write_bytes(pickle.dumps(Evil(touched)))
    with pytest.raises(WeightsError, match="has no place in a file of tensors"):
        read_state(file)
    assert not touched.exists()


@pytest.mark.parametrize("content", [b"", b"GGUF", pickle.dumps(1), pickle.dumps(0x1950A86A20F9469CFC6C)])
def test_another_file_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    """What is not a checkpoint, or ends too early, is an error that names the file."""
    file = tmp_path / "other.pth"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=r"other\.pth is no PyTorch checkpoint"):
        read_state(file)
