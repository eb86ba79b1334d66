"""Studies of forecasts: what is held out, how it is asked, who is chosen, what is kept in the run."""
