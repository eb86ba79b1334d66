"""What is looked at once a model has drawn, beside the verdicts."""
