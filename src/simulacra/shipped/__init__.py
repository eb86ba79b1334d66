"""Trained models that come with the package: one folder a model, with weights, recipe, verdicts and a card."""
