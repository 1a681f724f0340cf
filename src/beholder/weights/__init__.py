"""The catalogue of pinned files and how they arrive."""
