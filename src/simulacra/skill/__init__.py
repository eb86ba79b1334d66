"""Whether a forecast is better than what costs nothing, and whether its law is right."""
