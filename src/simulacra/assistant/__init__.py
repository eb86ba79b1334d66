"""An assistant that quotes: papers, notes and runs, offline, each sentence tied to the place that it stands at."""
