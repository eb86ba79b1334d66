"""Tables: rows of numbers and classes, with gaps."""
