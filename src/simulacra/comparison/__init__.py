"""The calibrated comparison of two sets of rows: views of them, one p over the views, and the reach."""
