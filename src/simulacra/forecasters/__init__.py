"""Forecasters: one file each. Fitted on past series, they give the law of the days to come."""
