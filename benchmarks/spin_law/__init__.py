"""The parts of benchmarks/spins.py: draws kept on disk, and the tables that are read from them."""
