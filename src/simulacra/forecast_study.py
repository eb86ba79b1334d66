"""A study of forecasts: forecasters and baselines before the same held-out days; it runs to a folder with verdicts."""
