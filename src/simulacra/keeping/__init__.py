"""A trained model that comes back from disk: recipes, weights, cards."""
