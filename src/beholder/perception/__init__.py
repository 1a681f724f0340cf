"""Pure seeing, no language: pixels in, evidence with boxes out."""
