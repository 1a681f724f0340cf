"""Text ↔ token ids, with the tokenizer that the GGUF file itself carries."""

from __future__ import annotations

from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from beholder.errors import WeightsError
from beholder.language.checkpoint import Checkpoint

CONTROL: Final = 3
"""llama.cpp's token type of special tokens such as <|im_end|> (gguf-py, constants.py, TokenType.CONTROL)."""

QWEN2_SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen2 cuts text before merging (Qwen2.5's published tokenizer.json, pre_tokenizer)."""


class TextTokenizer:
    """A byte-level BPE tokenizer. Text never turns into control tokens: those are only ever added by id."""

    def __init__(self, tokenizer_json: str, end_of_turn: int, vocabulary_size: int) -> None:
        self._full = Tokenizer.from_str(tokenizer_json)
        self._plain = _without_added_tokens(self._full)
        added = self._full.get_added_tokens_decoder()
        self.control: dict[str, int] = {token.content: index for index, token in added.items()}
        self.end_of_turn = end_of_turn
        self.vocabulary_size = vocabulary_size
        self._bytes_of_character = {character: byte for byte, character in _byte_characters().items()}

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> TextTokenizer:
        """The tokenizer in a GGUF file's metadata. Raises `WeightsError` for a kind that is not Qwen2's."""
        kind = checkpoint.metadata("tokenizer.ggml.pre", "")
        if checkpoint.metadata("tokenizer.ggml.model") != "gpt2" or kind != "qwen2":
            raise WeightsError(f"{checkpoint.path.name} has a {kind!r} tokenizer; the builtin engine reads 'qwen2'")
        tokens: list[str] = checkpoint.metadata("tokenizer.ggml.tokens")
        types: list[int] = checkpoint.metadata("tokenizer.ggml.token_type")
        merges = [_pair(merge) for merge in checkpoint.metadata("tokenizer.ggml.merges")]
        tokenizer = _byte_level({token: index for index, token in enumerate(tokens)}, merges)
        control = [token for token, kind in zip(tokens, types, strict=True) if kind == CONTROL]
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
        end = int(checkpoint.metadata("tokenizer.ggml.eos_token_id"))
        return cls(tokenizer.to_str(), end, len(tokens))

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text; `<|im_end|>` written by a user or standing in a picture stays text."""
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids
        return ids

    def token_bytes(self, token: int) -> bytes:
        """The bytes that a token stands for; several tokens may share one UTF-8 character."""
        characters = self._full.id_to_token(token) or ""
        return bytes(self._bytes_of_character[character] for character in characters)

    def all_bytes(self) -> list[bytes]:
        """What `token_bytes` tells of each token; nothing for ids without one."""
        known = {ord(character): byte for character, byte in self._bytes_of_character.items()}
        spelled = [b""] * self.vocabulary_size
        for characters, token in self._full.get_vocab(with_added_tokens=True).items():
            spelled[token] = characters.translate(known).encode("latin-1")
        return spelled

    def to_json(self) -> str:
        """The tokenizer as Hugging Face's tokenizer.json."""
        text: str = self._full.to_str()
        return text


def _without_added_tokens(full: Tokenizer) -> Tokenizer:
    """The same vocabulary and merges, which both share, without the tokens that are found before the text is cut."""
    plain = Tokenizer(full.model)
    plain.normalizer, plain.pre_tokenizer, plain.decoder = full.normalizer, full.pre_tokenizer, full.decoder
    return plain


def _pair(merge: str) -> tuple[str, str]:
    left, _, right = merge.partition(" ")
    return left, right


def _byte_characters() -> dict[int, str]:
    """The printable character that stands for each byte in a byte-level vocabulary (GPT-2, encoder.py)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + rank) for rank, byte in enumerate(others)}


def _byte_level(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
