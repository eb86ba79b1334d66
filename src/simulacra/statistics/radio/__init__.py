"""Radio traces and their pulses."""
