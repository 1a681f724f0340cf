"""Which token may come next, so that the answer is JSON of the schema asked for: llguidance behind our own words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import llguidance.numpy
import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from beholder.errors import UnsupportedSchema
from beholder.language.tokenizer import TextTokenizer
from beholder.types import JsonSchema

COMPACT: Final = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
"""No space and no line break outside strings: in pretty-printed JSON they are a third of all tokens."""

ANY_OBJECT: Final = {"type": "object"}


class Grammars:
    """Makes constraints for one tokenizer."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = LLTokenizer(
            tokenizer.to_json(), n_vocab=tokenizer.vocabulary_size, eos_token=tokenizer.end_of_turn
        )
        self._end = tokenizer.end_of_turn

    def json(self, schema: JsonSchema | None, param: str) -> Constraint:
        """JSON that conforms to `schema`; None means any object.

        Raises `UnsupportedSchema`, naming the keyword, when the schema cannot be enforced exactly.
        """
        if isinstance(schema, bool):
            if not schema:
                raise UnsupportedSchema("the schema false allows no value; give one that can be met", param=param)
            schema = {}
        try:
            grammar = LLMatcher.grammar_from_json_schema(
                json.dumps(ANY_OBJECT if schema is None else _plain(schema)), defaults=COMPACT
            )
        except ValueError as error:
            raise UnsupportedSchema(f"this JSON Schema cannot be read: {error}", param=param) from None
        is_wrong, messages = LLMatcher.validate_grammar_with_warnings(grammar, self._tokenizer)
        if is_wrong:
            raise UnsupportedSchema(
                f"this JSON Schema cannot be enforced: {'; '.join(messages)}. "
                "Take the keyword out, or check it on your side",
                param=param,
            )
        return Constraint(LLMatcher(self._tokenizer, grammar), self._tokenizer.vocab_size, self._end)


class Constraint:
    """The state of one answer under its grammar."""

    def __init__(self, matcher: LLMatcher, vocabulary_size: int, end: int) -> None:
        self._matcher = matcher
        self._size = vocabulary_size
        self._end = end
        self._bits = llguidance.numpy.allocate_token_bitmask(1, vocabulary_size)

    @property
    def is_complete(self) -> bool:
        """Whether nothing can be added any more."""
        return bool(self._matcher.is_stopped())

    def allowed(self) -> NDArray[np.bool_]:
        """`(vocabulary,)`: whether each token may come next; the end of the turn may where the answer may end."""
        llguidance.numpy.fill_next_token_bitmask(self._matcher, self._bits)
        bits = np.unpackbits(self._bits[0].view(np.uint8), bitorder="little")[: self._size]
        return bits.view(np.bool_)

    def consume(self, tokens: Sequence[int]) -> None:
        """Tokens that were chosen. They must have been allowed."""
        if not self._matcher.consume_tokens(list(tokens)):
            raise RuntimeError(f"the grammar refused tokens that it had allowed: {self._matcher.get_error()}")

    def forced(self) -> list[int]:
        """Tokens that can only come next as they are: syntax and keys. They are consumed and need no choice."""
        if self.is_complete:
            return []
        tokens = [token for token in self._matcher.compute_ff_tokens() if token != self._end]
        if tokens:
            self.consume(tokens)
        return tokens

    def longest_valid(self, draft: Sequence[int]) -> int:
        """How many tokens of `draft`, from its first, the grammar allows."""
        return 0 if self.is_complete else int(self._matcher.validate_tokens(list(draft)))


def _plain(value: Any) -> Any:
    """Mappings and sequences of any kind as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
