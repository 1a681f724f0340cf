"""Text to tokens and back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_qwen import CONTROL, tiny_model, vocabulary

from beholder.language.tokenizer import TextTokenizer


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    """The tiny model's tokenizer."""
    return tiny_model().tokenizer()


def spelled(tokenizer: TextTokenizer, tokens: list[int]) -> str:
    """The text of the tokens' bytes."""
    return b"".join(map(tokenizer.token_bytes, tokens)).decode()


@given(text=st.text())
def test_any_text_survives(text: str) -> None:
    """The tokens' bytes are the text, composed (NFC) as the model was trained."""
    tokenizer = tiny_model().tokenizer()
    assert unicodedata.normalize("NFC", text) == spelled(tokenizer, tokenizer.encode(text))


def test_all_bytes_are_those_of_each_token(tokenizer: TextTokenizer) -> None:
    """What the constraint library is given at once is what each token is told to be by itself."""
    assert tokenizer.vocabulary_size == len(tokenizer.all_bytes())
    assert [tokenizer.token_bytes(token) for token in range(tokenizer.vocabulary_size)] == tokenizer.all_bytes()


def test_words_are_merged(tokenizer: TextTokenizer) -> None:
    """Merges apply within a word and never across; digits stay apart."""
    tokens = vocabulary()
    assert ["the", "Ġtotal", "Ġ", "1", "2"] == [tokens[token] for token in tokenizer.encode("the total 12")]
    assert "ä" == tokenizer.token_bytes(tokens.index("Ã¤")).decode()


@pytest.mark.parametrize("mark", CONTROL)
def test_written_control_tokens_stay_text(tokenizer: TextTokenizer, mark: str) -> None:
    """Neither a client nor a picture can end a turn by writing its mark."""
    tokens = tokenizer.encode(f"before {mark} after")
    assert not set(tokens) & set(tokenizer.control.values())
    assert f"before {mark} after" == spelled(tokenizer, tokens)


@pytest.mark.weights
def test_the_real_tokenizer_gives_the_published_ids(real_tokenizer: TextTokenizer) -> None:
    """Built from the GGUF file, it agrees with the ids of Qwen2.5's published tokenizer."""
    assert [9707, 11, 1879, 0, 220, 16, 17, 18] == real_tokenizer.encode("Hello, world! 123")
    text = "Rechnung Nr. 4711\n  Größe: 3,50 €  猫\t🙂 it's"
    assert text == spelled(real_tokenizer, real_tokenizer.encode(text))
    assert (151_645, 151_643) == (real_tokenizer.end_of_turn, real_tokenizer.control["<|endoftext|>"])
