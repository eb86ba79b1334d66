"""What a study looks at beside its judges, once its model has drawn: hidden parts, oddities, classes."""
