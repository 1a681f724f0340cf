"""What a request would take: the plan, through a real server and on the command line."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from live_server import Serve
from PIL import Image
from requests_for_tests import chat, image_part, post, post_to, text_part
from stage_engines import ScriptedEngine

from beholder.cli import main
from beholder.engines.echo import EchoEngine
from beholder.settings import Settings

PATH = "/v1/images/plan"


def encoded(picture: Image.Image, format: str, **options: Any) -> str:
    """A picture as a data URI."""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def part(url: str, **fields: Any) -> dict[str, Any]:
    """An image part."""
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def test_the_plan_tells_what_a_request_takes(echo_url: str) -> None:
    """Text by the tokenizer, images by the formula, the window, and what it would cost."""
    body = chat([text_part("one two"), image_part(900, 900), image_part(detail="low")], max_tokens=100)
    plan = post_to(echo_url, PATH, body).json()
    assert ("images.plan", "grok-2-vision-1212") == (plan["object"], plan["model"])
    assert [
        ("messages[0].content[1].image_url.url", "message 1, part 2", 1792),
        (
            "messages[0].content[2].image_url.url",
            "message 1, part 3",
            256,
        ),
    ] == [(image["param"], image["place"], image["tokens"]) for image in plan["images"]]
    assert {"text": 2, "images": 2048, "prompt": 2050, "completion": 100, "total": 2150} == plan["tokens"]
    assert {"window": 32768, "fits": True, "left": 30618} == plan["context"]
    assert {"usd": 0.0, "xai_input_usd": 0.0041, "xai_output_usd_at_most": 0.001} == plan["cost"]


def test_the_plan_agrees_with_the_answer(echo_url: str) -> None:
    """The prompt's tokens are those that the answer's usage then reports."""
    body = chat([text_part("how many tokens?"), image_part(500, 300)])
    usage = post(echo_url, body).json()["usage"]
    assert usage["prompt_tokens"] == post_to(echo_url, PATH, body).json()["tokens"]["prompt"]


def test_what_does_not_fit_is_told(serve: Serve) -> None:
    """A plan is given for what would be refused for its length, and says so."""
    url = serve(EchoEngine(context_tokens=1000), Settings(context_tokens=1000))
    context = post_to(url, PATH, chat([text_part("x"), image_part(), image_part()])).json()["context"]
    assert {"window": 1000, "fits": False, "left": -25} == context
    assert post_to(url, PATH, chat(max_tokens=999)).json()["context"]["fits"] is True
    assert post_to(url, PATH, chat(max_tokens=1000)).json()["context"]["fits"] is False


PICTURES: tuple[tuple[str, Image.Image, str, dict[str, Any], str], ...] = (
    ("resized", Image.new("RGB", (200, 90)), "PNG", {}, "auto"),
    ("low", Image.new("RGB", (1000, 600)), "JPEG", {}, "low"),
    (
        "turned",
        Image.new("RGB", (30, 20)),
        "JPEG",
        {
            "exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12"
            b"\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
        },
        "auto",
    ),
    ("16 bits", Image.new("I;16", (20, 10)), "PNG", {}, "high"),
    ("plain", Image.new("L", (20, 10)), "WEBP", {"lossless": True}, "auto"),
    ("palette", Image.new("P", (20, 10)), "GIF", {}, "auto"),
)


@pytest.mark.parametrize(
    ("picture", "format", "options", "detail"), [row[1:] for row in PICTURES], ids=[row[0] for row in PICTURES]
)
def test_the_plan_agrees_with_what_is_done(
    serve: Serve, picture: Image.Image, format: str, options: dict[str, Any], detail: str
) -> None:
    """Format, sizes and report are those that the loaded image then has."""
    url = serve(ScriptedEngine(), Settings(max_image_edge=128 if detail == "auto" else 8192))
    body = chat([part(encoded(picture, format, **options), detail=detail)], evidence=True)
    (done,) = post(url, body).json()["x_beholder"]["images"]
    (planned,) = post_to(url, PATH, body).json()["images"]
    assert done == {name: planned[name] for name in done}


def test_transparency_is_foreseen(echo_url: str) -> None:
    """The header says that there may be transparent parts, not that there are."""
    clear = encoded(Image.new("RGBA", (20, 10), (1, 2, 3, 0)), "PNG")
    (planned,) = post_to(echo_url, PATH, chat([part(clear)])).json()["images"]
    assert "transparent parts, if there are any" in planned["report"][1]


def test_a_wrong_image_is_refused(echo_url: str) -> None:
    """The error is the one that the question itself would get; damage behind the header is not looked for."""
    body = chat([text_part("x"), part("data:image/png;base64,AAAA")])
    error = post_to(echo_url, PATH, body).json()["error"]
    assert post(echo_url, body).json()["error"] == error
    half = encoded(Image.effect_noise((64, 64), 50), "PNG")
    body = chat([part(half[: len(half) // 8 * 4])])
    assert [400, 200] == [post(echo_url, body).status_code, post_to(echo_url, PATH, body).status_code]


def test_text_that_cannot_be_counted_is_null(serve: Serve) -> None:
    """An engine without a tokenizer leaves open what depends on one."""
    plan = post_to(serve(ScriptedEngine()), PATH, chat([image_part()])).json()
    assert {"text": None, "images": 512, "prompt": None, "completion": None, "total": None} == plan["tokens"]
    assert {"window": 32768, "fits": None, "left": None} == plan["context"]


def test_the_command_tells_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`beholder plan` takes what `beholder ask` takes; it fails if the question does not fit."""
    path = tmp_path / "a.png"
    Image.new("RGB", (1000, 600)).save(path)
    command = ["plan", "--engine", "echo", str(path), "what is it?", "--detail", "low", "--max-tokens", "100"]
    assert 0 == main(command)
    out = capsys.readouterr().out
    assert f"{path}: {path.stat().st_size:,} bytes, 256 tokens\n  PNG, 1000 × 600 pixels, colour\n" in out
    assert "  resized to 768 × 461 pixels: the longest edge may have 768\n  detail low" in out
    assert "tokens: 3 for text (exact) + 256 for images (xAI's formula) + 100 at most for the answer\n" in out
    assert "context: 359 of 32,768: fits, 32,409 left" in out
    assert "at xAI's prices $0.0005 to ask, and $0.0010 at most to answer\n" in out
    assert 1 == main([*command, "--context-tokens", "300"])
    assert "does not fit, 59 too many" in capsys.readouterr().out


@pytest.mark.parametrize(("detail", "size"), [("low", [768, 461]), ("high", [1000, 600]), ("auto", [1000, 600])])
def test_detail_bounds_the_work(serve: Serve, detail: str, size: list[int]) -> None:
    """`low` is delivered smaller, and says so; boxes stay in the pixels of the picture that was sent."""
    engine = ScriptedEngine()
    body = chat([image_part(1000, 600, detail=detail)], evidence=True)
    (image,) = post(serve(engine), body).json()["x_beholder"]["images"]
    assert ([1000, 600], size) == (image["original_size"], image["size"])
    assert (detail == "low") is any("detail low" in line for line in image["report"])
    (loaded,) = engine.jobs[0].images()
    assert tuple(size) == loaded.size


def test_one_picture_may_be_sent_in_two_details(serve: Serve) -> None:
    """Each is delivered as asked."""
    engine = ScriptedEngine()
    details = ("high", "low", "auto")
    post(serve(engine), chat([image_part(1000, 600, detail=detail) for detail in details]))
    assert [(1000, 600), (768, 461), (1000, 600)] == [image.size for image in engine.jobs[0].images()]
