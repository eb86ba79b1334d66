"""One file a statistic, and the calibrated comparison of two sets. A shelf."""
