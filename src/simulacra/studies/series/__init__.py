"""Daily series."""
