"""llama.cpp's own server, run by the rivals' Python: `rivals_llamacpp.py MODEL THREADS CONTEXT SLOTS`.

It prints one JSON line with its address and serves until its standard input is closed. Needs xllamacpp alone.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """Serve. What llama.cpp itself prints goes to standard error, so that standard output stays one line."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model, threads, context, slots = sys.argv[1], *map(int, sys.argv[2:5])
    import xllamacpp  # noqa: PLC0415 - only the rivals' Python has it

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx = context * slots
    parameters.n_parallel = slots
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    # Prompts of this benchmark come once: a cache of whole prompts in memory would only cost it time.
    parameters.cache_ram_mib = 0
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    print(json.dumps({"url": f"{server.listening_address}/v1"}), file=out, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
