"""What tokens in a pass over the weights cost on this processor, which decides how much is worth guessing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CPU_INFO: Final = Path("/proc/cpuinfo")
"""Linux's description of the processor; elsewhere there is none."""


@dataclass(frozen=True, slots=True)
class PassCosts:
    """Costs on one kind of processor. Only how long answers take depends on them, and last bits on `least`.

    `free` tokens in a pass cost little more than one: the weights are read from memory once, however few there are. A
    token beyond them costs `token` passes, the first few of them `first`. A pass has at least `least` tokens of each
    sequence.
    """

    free: int
    token: float
    first: float
    least: int

    def free_tokens(self, sharing: int) -> int:
        """Tokens of each of `sharing` answers that cost their pass little."""
        return max(self.least, self.free // sharing)

    def least_chance(self, sharing: int) -> float:
        """The chance from which a guess pays where `sharing` answers share a pass: what it costs, of the pass it saves.

        Alone that is a whole pass. With others it is a share of one, and the guess costs as much as ever.
        """
        whole = 1 + max(0, sharing * self.least - self.free) * self.first
        return self.first * sharing / whole


INTEGER: Final = PassCosts(free=3, token=7 / 48, first=0.12, least=2)
"""With products of 8-bit integers, measured with AVX-512 VNNI; AVX-VNNI and AMX are taken for the same. A pass over one
token, two or three takes about 54 ms, over eight 67, sixteen 97 and 32 164.

In bfloat16 a pass over one token alone divides its sums otherwise: now and then a logit is another by 1 % of the
largest. From two tokens on they are the same bits, whatever else is in the pass, so that an answer does not depend on
what is answered beside it. The second costs 2 ms of 33."""

FLOAT: Final = PassCosts(free=1, token=0.22, first=0.22, least=1)
"""Without them products are float32's, and each token takes its own time: one 95 ms, two 110, eight 250 to 300, sixteen
450. One token's logits are those of any other pass but for 1e-4."""


def of_processor(*, computes_in_bfloat16: bool) -> PassCosts:
    """The costs here. Whoever computes in bfloat16 has products of integers as well."""
    return INTEGER if computes_in_bfloat16 or "vnni" in _flags() else FLOAT


def _flags() -> str:
    try:
        return next((line for line in CPU_INFO.read_text().splitlines() if line.startswith("flags")), "")
    except OSError:
        return ""
