"""The text model: weights to graph, prompt to tokens, constrained decoding."""
