"""What every room speaks: samples, verdicts, errors, shelves, progress."""
