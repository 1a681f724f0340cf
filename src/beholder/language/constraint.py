"""Which token may come next, so that the answer is JSON of the schema asked for: llguidance behind our own words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import llguidance.numpy
import numpy as np
from llguidance import LLMatcher, LLParserLimits, LLTokenizer, TokenizerWrapper
from numpy.typing import NDArray

from beholder.errors import UnsupportedSchema
from beholder.language.tokenizer import TextTokenizer
from beholder.language.tools import COMPACT, call_schemas, grammar
from beholder.types import JsonOutput, JsonSchema, ToolOutput

ANY_OBJECT: Final = {"type": "object"}

FORMATS: Final = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid")
)
"""What llguidance enforces of JSON Schema's formats."""

LIMITS: Final = LLParserLimits(initial_lexer_fuel=20_000_000, step_lexer_fuel=2_000_000)
"""Over ten times llguidance's own, about half a second of work: the spans of a printed page are a long pattern."""

ANY_TEXT: Final = r"/(.|\n)+/"


class Grammars:
    """Makes constraints for one tokenizer."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = LLTokenizer(
            TokenizerWrapper(_Vocabulary(tokenizer)),
            n_vocab=tokenizer.vocabulary_size,
            eos_token=tokenizer.end_of_turn,
        )
        self._end = tokenizer.end_of_turn

    def json(self, schema: JsonSchema | None, param: str) -> Constraint:
        """JSON that conforms to `schema`; None means any object.

        Raises `UnsupportedSchema`, naming the keyword, when the schema cannot be enforced exactly.
        """
        return self._constraint(self._checked(LLMatcher.grammar_from_json_schema, *self._enforceable(schema, param)))

    def calls(self, output: ToolOutput) -> Constraint:
        """Calls of the tools, or what else the output allows.

        Raises `UnsupportedSchema` for parameters, or a JSON alternative, that cannot be enforced exactly.
        """
        calls = [self._embedded(schema, tool.param) for tool, schema in call_schemas(output)]
        otherwise = ANY_TEXT
        if isinstance(output.otherwise, JsonOutput):
            otherwise = self._embedded(output.otherwise.schema, output.otherwise.param)
        return self._constraint(self._checked(LLMatcher.grammar_from_lark, grammar(calls, output, otherwise), "tools"))

    def written(self, lark: str) -> Constraint:
        """Text of a grammar in Lark's notation that Beholder wrote itself."""
        return self._constraint(LLMatcher.grammar_from_lark(lark))

    def _embedded(self, schema: JsonSchema | None, param: str) -> str:
        """The schema as the right-hand side of a rule, once it was checked alone, so that an error names its place."""
        text, _ = self._enforceable(schema, param)
        self._checked(LLMatcher.grammar_from_json_schema, text, param)
        return f"%json {text}"

    def _enforceable(self, schema: JsonSchema | None, param: str) -> tuple[str, str]:
        if schema is False:
            raise UnsupportedSchema("the schema false allows no value; give one that can be met", param=param)
        whole = ANY_OBJECT if schema is None else {} if schema is True else _plain(schema)
        return json.dumps(whole | {"x-guidance": COMPACT}), param

    def _checked(self, compile_grammar: Callable[[str], str], text: str, param: str) -> str:
        try:
            compiled = compile_grammar(text)
        except ValueError as error:
            raise UnsupportedSchema(f"this JSON Schema cannot be read: {error}", param=param) from None
        is_wrong, messages = LLMatcher.validate_grammar_with_warnings(compiled, self._tokenizer, limits=LIMITS)
        if is_wrong:
            raise UnsupportedSchema(
                f"this JSON Schema cannot be enforced: {'; '.join(messages)}. "
                "Take the keyword out, or check it on your side",
                param=param,
            )
        return compiled

    def _constraint(self, compiled: str) -> Constraint:
        return Constraint(LLMatcher(self._tokenizer, compiled, limits=LIMITS), self._tokenizer.vocab_size, self._end)


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

    def fork(self) -> Constraint:
        """An independent constraint at the same place, to look ahead with."""
        return Constraint(self._matcher.deep_copy(), self._size, self._end)

    def forced_text(self) -> str:
        """What can only come next as it is, as text, consumed by whoever goes on; empty where there is a choice."""
        return "" if self.is_complete else self._matcher.compute_ff_bytes().decode("utf-8", errors="ignore")

    def allows(self, tokens: Sequence[int]) -> bool:
        """Whether the tokens may come next."""
        return self.longest_valid(tokens) == len(tokens)

    def consume_valid(self, tokens: Sequence[int]) -> int:
        """Consume the tokens up to the first that is not allowed; returns how many were."""
        return int(self._matcher.try_consume_tokens(list(tokens)))

    def longest_valid(self, draft: Sequence[int]) -> int:
        """How many tokens of `draft`, from its first, the grammar allows."""
        return 0 if self.is_complete else int(self._matcher.validate_tokens(list(draft)))


def _plain(value: Any) -> Any:
    """Mappings and sequences of any kind as plain dicts and lists, without the formats that are only annotations."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if not _is_annotation(key, item)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _is_annotation(key: str, value: Any) -> bool:
    """JSON Schema's `format` asserts nothing by itself (2020-12, validation 7.2.1); what can be enforced is."""
    return key == "format" and isinstance(value, str) and value not in FORMATS


class _Vocabulary:
    """A tokenizer as llguidance takes one in: half the time of having it parse the tokenizer's JSON once more."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self._tokenizer = tokenizer
        self.tokens = tokenizer.all_bytes()
        self.special_token_ids = sorted(tokenizer.control.values())
        self.eos_token_id = tokenizer.end_of_turn
        self.bos_token_id = None

    def __call__(self, text: bytes) -> list[int]:
        return self._tokenizer.encode(text.decode("utf-8"))
