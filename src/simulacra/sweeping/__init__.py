"""Settings of a study tried out and chosen by its validation score; the chosen ones alone see the truth, once."""
