"""The words of each science that a source and a statistic both need."""
