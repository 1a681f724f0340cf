"""OpenVINO GenAI, run by the rivals' Python: `rivals_openvino.py FOLDER MODEL THREADS LOOKUP`, LOOKUP being 0 or 1.

FOLDER keeps the model as OpenVINO converts it from the GGUF file, once. A JSON line a request on standard input
(`messages`, `schema`, `max_tokens`); on standard output a line `{"first": true}` with the first text, then one with
the answer. Needs openvino-genai alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOKUP_TOKENS = 5
LOOKUP_NGRAM = 3
"""The values of OpenVINO GenAI's own sample of prompt lookup decoding."""


def load(folder: Path, model: Path, threads: int, *, is_lookup: bool) -> Any:
    """The pipeline; the first time it converts the GGUF file, which is linked into the folder for that."""
    import openvino_genai as genai  # noqa: PLC0415 - only the rivals' Python has it

    folder.mkdir(parents=True, exist_ok=True)
    linked = folder / model.name
    if not linked.exists():
        linked.symlink_to(model)
    source = folder if (folder / "openvino_model.xml").exists() else linked
    options: dict[str, Any] = {"enable_save_ov_model": True, "INFERENCE_NUM_THREADS": threads}
    if is_lookup:
        options["prompt_lookup"] = True
    return genai.LLMPipeline(str(source), "CPU", **options)


def answer(pipeline: Any, request: dict[str, Any], say: Callable[[dict[str, Any]], None], *, is_lookup: bool) -> None:
    """Generate greedily; tell the first text and then the whole answer."""
    import openvino_genai as genai  # noqa: PLC0415 - only the rivals' Python has it

    prompt = pipeline.get_tokenizer().apply_chat_template(request["messages"], add_generation_prompt=True)
    config = genai.GenerationConfig()
    config.max_new_tokens = request["max_tokens"]
    config.do_sample = False
    config.apply_chat_template = False
    if request["schema"] is not None:
        config.structured_output_config = genai.StructuredOutputConfig(json_schema=json.dumps(request["schema"]))
    if is_lookup:
        config.num_assistant_tokens = LOOKUP_TOKENS
        config.max_ngram_size = LOOKUP_NGRAM
    is_begun = False

    def note_first(text: str) -> Any:
        nonlocal is_begun
        if text and not is_begun:
            is_begun = True
            say({"first": True})
        return genai.StreamingStatus.RUNNING

    result = pipeline.generate([prompt], config, note_first)
    metrics = result.perf_metrics
    say(
        {
            "text": result.texts[0],
            "tokens": metrics.get_num_generated_tokens(),
            "prompt_tokens": metrics.get_num_input_tokens(),
            "passes": len(metrics.raw_metrics.token_infer_durations),
        }
    )


def main() -> None:
    """Answer until standard input is closed. What OpenVINO prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(line: dict[str, Any]) -> None:
        print(json.dumps(line), file=out, flush=True)

    is_lookup = sys.argv[4] == "1"
    pipeline = load(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), is_lookup=is_lookup)
    say({"ready": True})
    for line in sys.stdin:
        answer(pipeline, json.loads(line), say, is_lookup=is_lookup)


if __name__ == "__main__":
    main()
