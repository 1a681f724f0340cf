"""Trains the draft head that `beholder/language/draft_head.py` guesses with, on states that the model went through.

    pip install torch==2.13.0
    python scripts/draft_head_states.py 500 states.npz
    python scripts/draft_head.py states.npz

writes it where Beholder looks for it. On two cores the states take an hour and the training a quarter of one. Only
this needs PyTorch.

The head learns to tell the state after a state and the token that was chosen from it, and what is chosen then, one and
two tokens ahead. Some of the answers are kept aside to measure it on, and to fit the temperature that makes its
chances right.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import beholder.language
from beholder.language.draft_head import Weights
from beholder.language.model import MappedGraph
from beholder.language.quantize import Layout, quantize
from beholder.settings import Settings
from beholder.weights import QWEN, cache_dir

HIDDEN: Final = 768
TOKENS: Final = 8192
"""Tokens that can be guessed: those of the answers, then the first ones of the vocabulary, which are the shortest."""

EPOCHS: Final = 5
BATCH: Final = 256
RATE: Final = 1e-3
DROPPED: Final = 0.2
KEPT_AT_FIRST: Final = 0.3
"""How much of a state the next one has before anything was learned."""
ASIDE: Final = 10
"""Every tenth hundred of answers is not learned from: a whole hundred, since pictures are asked about several times."""
EIGHT_BITS: Final = Layout(bits=8, group=128)


class Head(nn.Module):
    """The head in float32, on states and embeddings that are divided by their usual size."""

    def __init__(self, rows: Tensor, state_size: float) -> None:
        super().__init__()
        width = rows.shape[1]
        self.from_state = nn.Linear(width, HIDDEN)
        self.from_token = nn.Linear(width, HIDDEN, bias=False)
        self.to_state = nn.Linear(HIDDEN, width)
        self.kept = nn.Parameter(torch.full((width,), KEPT_AT_FIRST))
        self.token_bias = nn.Parameter(torch.zeros(len(rows)))
        self.dropped = nn.Dropout(DROPPED)
        self.rows, self.state_size = rows, state_size
        nn.init.zeros_(self.to_state.bias)
        with torch.no_grad():
            self.to_state.weight.mul_(0.5)

    def forward(self, states: Tensor, embeddings: Tensor) -> Tensor:
        """The states after `states`."""
        inner = functional.silu(self.from_state(self.dropped(states)) + self.from_token(embeddings))
        return self.kept * states + self.to_state(self.dropped(inner))

    def scores(self, states: Tensor) -> Tensor:
        """Of each token that can be guessed."""
        return states * self.state_size @ self.rows.T + self.token_bias


class Samples:
    """States, the token chosen from each, and what was chosen one and two tokens later; -100 where nothing was."""

    def __init__(self, stored: Any, chosen_rows: np.ndarray[Any, Any], places: dict[int, int]) -> None:
        states, tokens, chosen, answers = (stored[name] for name in ("states", "tokens", "chosen", "answers"))
        first = np.flatnonzero((answers[1:] == answers[:-1]) & (tokens[1:] == chosen[:-1]))
        first = first[np.isin(answers[first], chosen_rows)]
        has_third = np.isin(first + 1, first)
        self.states = torch.from_numpy(states[first].astype(np.float32))
        self.tokens = chosen[first]
        self.next_states = torch.from_numpy(states[first + 1].astype(np.float32))
        self.next_tokens = chosen[first + 1]
        third = np.where(has_third, chosen[np.minimum(first + 2, len(chosen) - 1)], -1)
        self.next = torch.tensor([places.get(token, -100) for token in self.next_tokens])
        self.third = torch.tensor([places.get(token, -100) for token in third])

    def __len__(self) -> int:
        return len(self.states)


def main(path: Path) -> None:
    """Train on the states in `path`, tell how good it is, and write the head."""
    torch.manual_seed(0)
    stored = dict(np.load(path))
    embeddings = _embeddings()
    counted = Counter(stored["chosen"].tolist() + stored["tokens"].tolist())
    frequent = [token for token, _ in counted.most_common(TOKENS)]
    frequent += [token for token in range(2 * TOKENS) if token not in counted][: TOKENS - len(frequent)]
    vocabulary = np.array(sorted(frequent))
    places = {int(token): place for place, token in enumerate(vocabulary)}
    numbers = np.unique(stored["answers"])
    is_aside = numbers // 100 % ASIDE == 0
    learned, aside = (Samples(stored, numbers[each], places) for each in (~is_aside, is_aside))
    rows = torch.from_numpy(embeddings[vocabulary])
    sizes = float(learned.states.square().mean().sqrt()), float(rows.square().mean().sqrt())
    head = Head(rows, sizes[0])
    print(f"{len(learned):,} tokens to learn from, {len(aside):,} aside")
    _train(head, learned, aside, embeddings, sizes)
    temperature = _temperature(head, aside, embeddings, sizes)
    target = Path(beholder.language.__file__).parent / "draft_heads" / f"{QWEN.sha256[:16]}.npz"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(_weights(head, vocabulary, sizes, temperature).write())
    print(f"{target}: {target.stat().st_size:,} bytes")


def _embeddings() -> np.ndarray[Any, Any]:
    """`(vocabulary, width)` float32."""
    [graph] = (cache_dir(Settings()) / "models").glob(f"{QWEN.sha256[:16]}-*/model.xml")
    mapped = MappedGraph(graph)
    matrix = mapped.output_matrix
    return (matrix.values * matrix.scales.astype(np.float32)).reshape(len(matrix.values), -1)


def _train(head: Head, learned: Samples, aside: Samples, embeddings: Any, sizes: tuple[float, float]) -> None:
    state_size, token_size = sizes
    steps = EPOCHS * (len(learned) // BATCH)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        head.train()
        for batch in torch.randperm(len(learned))[: len(learned) // BATCH * BATCH].split(BATCH):
            first = torch.from_numpy(embeddings[learned.tokens[batch]]) / token_size
            states = head(learned.states[batch] / state_size, first)
            loss = functional.cross_entropy(head.scores(states), learned.next[batch], ignore_index=-100)
            loss = loss + functional.smooth_l1_loss(states, learned.next_states[batch] / state_size)
            has_third = learned.third[batch] >= 0
            if has_third.any():
                second = torch.from_numpy(embeddings[learned.next_tokens[batch][has_third.numpy()]]) / token_size
                scores = head.scores(head(states[has_third], second))
                loss = loss + 0.5 * functional.cross_entropy(scores, learned.third[batch][has_third])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        right = _scores(head, aside, embeddings, sizes).argmax(1) == aside.next
        print(f"epoch {epoch + 1}: of the next tokens aside {right.float().mean():.1%} are guessed", flush=True)


@torch.no_grad()
def _scores(head: Head, samples: Samples, embeddings: Any, sizes: tuple[float, float]) -> Tensor:
    head.eval()
    tokens = torch.from_numpy(embeddings[samples.tokens])
    return head.scores(head(samples.states / sizes[0], tokens / sizes[1]))


def _temperature(head: Head, aside: Samples, embeddings: Any, sizes: tuple[float, float]) -> float:
    """That under which what was chosen is likeliest (Guo et al. 2017, arXiv:1706.04599)."""
    scores = _scores(head, aside, embeddings, sizes)
    candidates = [1 + step / 20 for step in range(41)]
    losses = [functional.cross_entropy(scores / each, aside.next, ignore_index=-100) for each in candidates]
    best = candidates[int(torch.stack(losses).argmin())]
    chances = (scores / best).softmax(1).max(1)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        among = (chances.values >= low) & (chances.values < low + 0.2)
        right = (chances.indices == aside.next)[among].float().mean()
        print(f"chance {low:.1f} to {low + 0.2:.1f}: {int(among.sum())} guesses, {right:.1%} right")
    print(f"temperature {best}")
    return best


def _weights(head: Head, vocabulary: Any, sizes: tuple[float, float], temperature: float) -> Weights:
    """The head as it is used: on states and embeddings as they come."""
    state_size, token_size = sizes
    plain = {name: value.detach().numpy() for name, value in head.state_dict().items()}
    return Weights(
        from_state=quantize(plain["from_state.weight"] / state_size, EIGHT_BITS),
        from_token=quantize(plain["from_token.weight"] / token_size, EIGHT_BITS),
        to_state=quantize(plain["to_state.weight"] * state_size, EIGHT_BITS),
        hidden_bias=plain["from_state.bias"],
        state_bias=plain["to_state.bias"] * state_size,
        kept=plain["kept"],
        tokens=vocabulary.astype(np.int64),
        token_bias=plain["token_bias"],
        temperature=temperature,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
