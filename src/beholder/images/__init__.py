"""From a reference to decoded pixels: source, fetch, inspect, decode."""
