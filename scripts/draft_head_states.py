"""Asks the default model about drawn pictures, eight questions at a time, and keeps the states that it chose from.

    python scripts/draft_head_states.py COUNT FILE

It asks five questions about each of COUNT pictures; FILE is rewritten every twenty. It is a NumPy archive, of
each token of an answer: `states` (n, width) float16, which it was chosen from, `tokens` (n,), the one before it, which
made that state, `chosen` (n,), itself, and `answers` (n,), the number of the answer.
"""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2
import numpy as np
from draft_head_drawn import DRAWERS, picture
from numpy.typing import NDArray

from beholder.evals.in_process import in_process
from beholder.language import answer as text_model
from beholder.language.cache import CachedSequence
from beholder.language.model import Model, Outcome, Pass
from beholder.progress import for_stream, step
from beholder.settings import Settings

ASKED: Final = (
    "Describe this image.",
    "What is shown in this picture? Answer in a few sentences.",
    "Write alt text for this image.",
    "Write alt text of at most 125 characters.",
    "Describe this image for somebody who cannot see it, with all text that matters.",
    "Summarize the content of this image in three sentences.",
    "What are the most important points? Answer with a bulleted list.",
    "What would you improve here, and why?",
    "Review the design: layout, typography, colors, accessibility.",
    "List problems that a user may have with this.",
    "Is the text easy to read? Explain.",
    "What is the purpose of this, and who is it for?",
    "Explain what a visitor should do next, step by step.",
    "Is there anything unusual, wrong or missing? Explain briefly.",
    "Write a caption for social media.",
    "Describe the layout from top to bottom.",
    "What can be concluded from this image?",
    "Compare the largest and the smallest values, if there are any; else describe the main message.",
    "Would this be suitable for children? Give your reasons.",
    "Give feedback to the designer: two strengths and three weaknesses.",
    "Write a short report about what this image shows.",
    "Translate the main message into plain English, and say what is going on.",
    "Which colors are used, and do they work well together?",
    "Who might have made this, and for what occasion?",
    "Explain this picture to a child of ten.",
    "Name the parts of this image one after another, each with its place.",
    "What questions would you ask the person who made this?",
    "Is the language friendly or formal? Give examples from the image.",
    "Which information is missing that a reader would want to know?",
    "Rewrite the text of the image so that it is shorter and clearer.",
    "What stands out first, what second, and why?",
    "Give pros and cons of this.",
    "Could this be a fraud or an error? Say what speaks for it and against it.",
    "Write a message to a colleague about what you see here.",
    "How would this look on a small phone, and what should be changed for it?",
    "Describe the style and the mood.",
    "Tell what happened before this picture and what may happen next.",
)
"""Their number has no divisor in common with that of the kinds of pictures, so that each question meets each kind."""

EACH: Final = 5
"""Questions about a picture, one after another: only the first waits until it is read."""

AT_ONCE: Final = 8
MOST_TOKENS: Final = 200
SAVED_EVERY: Final = 20


@dataclass(slots=True)
class Answer:
    """One answer's tokens by their place, and what each pass told at it: the last is what stood in the end."""

    tokens: dict[int, int] = field(default_factory=dict)
    states: dict[int, NDArray[np.float16]] = field(default_factory=dict)
    chosen: dict[int, int] = field(default_factory=dict)


class RecordedModel(Model):
    """A model that keeps what its passes come to."""

    answers: list[Answer] = []  # noqa: RUF012 - the engine makes the model, so that this is where it can be found
    _open: dict[int, Answer] = {}  # noqa: RUF012

    def step(self, parts: Sequence[Pass]) -> list[Outcome]:
        """See `Model.step`."""
        begins = [part.sequence.position for part in parts]
        outcomes = super().step(parts)
        for part, begin, outcome in zip(parts, begins, outcomes, strict=True):
            answer = self._open.setdefault(id(part.sequence), Answer())
            answer.tokens |= dict(enumerate(part.ids, begin))
            places = range(begin + len(part.ids) - part.wanted, begin + len(part.ids))
            answer.states |= dict(zip(places, outcome.states.astype(np.float16), strict=True))
            answer.chosen |= dict(zip(places, outcome.logits.argmax(axis=1).tolist(), strict=True))
        return outcomes

    def close(self, sequence: CachedSequence) -> None:
        """See `Model.close`."""
        answer = self._open.pop(id(sequence), None)
        if answer is not None:
            # Behind the end stand guesses that fell.
            for place in [each for each in answer.states if each >= sequence.position]:
                del answer.states[place], answer.chosen[place]
            self.answers.append(answer)
        super().close(sequence)


async def ask(client: httpx2.AsyncClient, model: str, seed: int, question: str) -> None:
    """Have a question about a picture answered."""
    url = f"data:image/png;base64,{base64.b64encode(picture(seed)).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    messages = [{"role": "user", "content": content}]
    body = {"model": model, "messages": messages, "temperature": 0, "max_tokens": MOST_TOKENS}
    (await client.post("chat/completions", json=body)).raise_for_status()


def save(answers: Sequence[Answer], path: Path) -> None:
    """Write the answers' tokens, in their order."""
    rows = [(number, place) for number, answer in enumerate(answers) for place in sorted(answer.states)]
    np.savez(
        path,
        states=np.stack([answers[number].states[place] for number, place in rows]),
        tokens=np.array([answers[number].tokens[place] for number, place in rows]),
        chosen=np.array([answers[number].chosen[place] for number, place in rows]),
        answers=np.array([number for number, _ in rows]),
    )


async def main(count: int, path: Path) -> None:
    """Ask about `count` pictures."""
    assert np.gcd(len(ASKED), len(DRAWERS)) == 1
    text_model.Model = RecordedModel  # type: ignore[attr-defined,misc]
    progress = for_stream(sys.stderr)
    waiting = iter(range(count))
    async with in_process(Settings(), seconds=600) as (client, model):
        with step(progress, "Asking", count, "steps"):

            async def work() -> None:
                for seed in waiting:
                    for number in range(EACH * seed, EACH * (seed + 1)):
                        await ask(client, model, seed, ASKED[number % len(ASKED)])
                    progress.advance(1)
                    if seed % SAVED_EVERY == SAVED_EVERY - 1:
                        save(RecordedModel.answers, path)

            await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    save(RecordedModel.answers, path)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
