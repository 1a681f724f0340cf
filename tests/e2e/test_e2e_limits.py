"""The promised limits, each met on a real server with the real model."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import openai
import pytest
from live_server import ServerProcess
from pages import HARBOUR, ask, client, encoded, image_part, said, schema_format, text_part, url_part
from PIL import Image, ImageDraw, ImageFont

pytestmark = pytest.mark.weights

CONTEXT = 32_768
YES = schema_format({"const": "yes"})
"""An answer that the grammar forces whole: it costs one pass."""


@pytest.fixture(scope="module")
def sdk(real_server: ServerProcess) -> Iterator[openai.OpenAI]:
    """The official client of the shared server."""
    with client(real_server.base_url) as made:
        yield made


@pytest.fixture(scope="module")
def small() -> bytes:
    """A picture of a few bytes."""
    return encoded(Image.new("RGB", (32, 32), "white"))


@pytest.fixture
def page_url() -> Iterator[str]:
    """The address of a receipt on a web server of this machine."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = encoded(HARBOUR.draw())
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/receipt.png"
        server.shutdown()
        thread.join()


def refusal(sdk: openai.OpenAI, *parts: dict[str, Any], **options: Any) -> openai.BadRequestError:
    """The error that the request gets, before anything is answered."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(sdk, *parts, **options)
    return caught.value


def test_ten_images_pass_and_eleven_do_not(sdk: openai.OpenAI, small: bytes) -> None:
    """The eleventh is named by its place."""
    ask(sdk, *[image_part(small)] * 10, response_format=YES)
    error = refusal(sdk, text_part("q"), *[image_part(small)] * 11)
    assert ("too_many_images", "messages[0].content[11].image_url.url") == (error.code, error.param)
    assert "message 1, part 12: a message may carry at most 10 images" in error.message


def test_twenty_mebibytes_pass_and_more_do_not(sdk: openai.OpenAI) -> None:
    """By the bytes of the file, named by its place."""
    limit = 20 * 1024 * 1024
    noise = np.random.default_rng(1).integers(0, 256, (2_400, 2_800, 3), dtype=np.uint8)
    too_large = encoded(Image.fromarray(np.vstack([noise, noise[:100]])), compress_level=0)
    assert len(too_large) > limit
    error = refusal(sdk, image_part(too_large), text_part("q"))
    assert ("image_file_too_large", "messages[0].content[0].image_url.url") == (error.code, error.param)
    assert error.message.count("message 1, part 1: ") == 1
    # The comment chunk fills a small picture's file up to the last byte that is allowed.
    page = encoded(Image.new("RGB", (64, 64), "white"))
    assert "yes" == said(ask(sdk, image_part(padded(page, limit)), text_part("q"), response_format=YES)).strip('"')


def padded(png: bytes, size: int) -> bytes:
    """The PNG with a chunk of private data before its end, `size` bytes in all."""
    body = b"prVt" + bytes(size - len(png) - 12)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:-12] + chunk + png[-12:]


@pytest.mark.parametrize(
    ("format", "options", "words"),
    [
        ("BMP", {}, "BMP"),
        ("TIFF", {}, "TIFF"),
        ("GIF", {"save_all": True, "append_images": [Image.new("RGB", (32, 32), "red")]}, "animated"),
        ("WEBP", {"save_all": True, "append_images": [Image.new("RGB", (32, 32), "red")]}, "animated"),
    ],
    ids=["BMP", "TIFF", "animated GIF", "animated WebP"],
)
def test_other_formats_are_refused(sdk: openai.OpenAI, format: str, options: dict[str, Any], words: str) -> None:
    """By their bytes, whatever is declared; the message says what came and what is supported."""
    data = encoded(Image.new("RGB", (32, 32), "white"), format, **options)
    error = refusal(sdk, text_part("q"), image_part(data, "image/png"))
    assert ("unsupported_image_media_type", "messages[0].content[1].image_url.url") == (error.code, error.param)
    assert words in error.message
    assert "PNG, JPEG, WebP and non-animated GIF" in error.message


def test_the_window_is_counted_in_true_tokens(sdk: openai.OpenAI) -> None:
    """Prompt and answer together may have 32,768 tokens: one more is refused, streamed or not."""
    question = image_part(encoded(HARBOUR.draw())), text_part("Is it a receipt?")
    prompt = prompt_tokens(refusal(sdk, *question, response_format=YES, max_tokens=CONTEXT))
    assert 50 < prompt < 500
    assert '"yes"' == said(ask(sdk, *question, response_format=YES, max_tokens=CONTEXT - prompt))
    for is_streamed in (False, True):
        error = refusal(sdk, *question, response_format=YES, max_tokens=CONTEXT - prompt + 1, stream=is_streamed)
        assert prompt == prompt_tokens(error)


def prompt_tokens(error: openai.BadRequestError) -> int:
    """The prompt's true length that the error tells."""
    assert "context_length_exceeded" == error.code
    found = re.search(r"maximum context length is 32768 tokens.* resulted in (\d+) tokens", error.message)
    assert found is not None
    return int(found[1])


def test_a_prompt_over_the_window_is_refused(sdk: openai.OpenAI) -> None:
    """Nothing is cut off silently; the message tells the true count."""
    assert 33_000 < prompt_tokens(refusal(sdk, text_part("word " * 33_000))) < 33_100


def test_a_long_picture_is_resized_not_refused(sdk: openai.OpenAI) -> None:
    """Over 8,192 pixels it is read at a smaller size, and the boxes are in the pixels that were sent."""
    page = Image.new("RGB", (9_000, 1_200), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(240)
    pen.text((300, 450), "Left", "black", font)
    pen.text((7_800, 450), "Right", "black", font)
    drawn = pen.textbbox((7_800, 450), "Right", font)
    parts = image_part(encoded(page)), text_part("q")
    completion = ask(sdk, *parts, response_format=YES, extra_body={"evidence": True})
    extension = completion.model_extra["x_beholder"]
    [report] = extension["images"]
    assert ([9_000, 1_200], [8_192, 1_092]) == (report["original_size"], report["size"])
    boxes = {line["text"]: line["box"] for line in extension["evidence"][0]["lines"]}
    assert np.allclose(middle(drawn), middle(boxes["Right"]), atol=60)


def middle(box: Sequence[float]) -> tuple[float, float]:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_an_allowed_address_is_fetched(sdk: openai.OpenAI, page_url: str) -> None:
    """The setting `fetch_allow` names the exceptions."""
    completion = ask(
        sdk, url_part(page_url), text_part("What is the total? Answer with the number only."), max_tokens=12
    )
    assert HARBOUR.total in said(completion)


def test_this_machine_is_not_fetched_from(echo_url: str, page_url: str) -> None:
    """Without the setting, loopback is refused, and so are names for it and the link-local metadata address."""
    with client(f"{echo_url}/v1") as sdk:
        for url in (page_url, page_url.replace("127.0.0.1", "localhost"), "http://169.254.169.254/latest"):
            error = refusal(sdk, url_part(url), text_part("q"))
            assert ("invalid_image_url", "messages[0].content[0].image_url.url") == (error.code, error.param)
            assert "message 1, part 1: " in error.message


def test_files_are_never_read(sdk: openai.OpenAI) -> None:
    """A path or a file URL in a request is refused."""
    for source in ("file:///etc/hostname", "/etc/hostname"):
        assert "invalid_image_url" == refusal(sdk, url_part(source), text_part("q")).code
