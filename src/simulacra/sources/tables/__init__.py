"""Tables that are known by name."""
