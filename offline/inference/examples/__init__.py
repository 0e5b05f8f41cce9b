"""Examples that are physics, each with a simulator of its own: `offline.inference.examples.catalogue` runs them by name."""
