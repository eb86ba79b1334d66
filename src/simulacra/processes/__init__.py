"""The parts of Gaussian processes: kernels, solvers, the search for hyperparameters."""
