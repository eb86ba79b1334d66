"""Sets larger than memory: their records are named at once, and read block by block."""
