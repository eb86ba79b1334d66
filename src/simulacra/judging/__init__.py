"""From two sets of samples to verdicts, and all that they need."""
