"""The studio: runs, new runs, verdicts and models in the browser, on this machine alone."""
