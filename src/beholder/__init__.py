"""Beholder answers questions about images over the OpenAI API, on your own machine."""

__version__ = "0.1.0"
