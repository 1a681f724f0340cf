"""The HTTP edge: wire structs in, one Job to the engine, events out."""
