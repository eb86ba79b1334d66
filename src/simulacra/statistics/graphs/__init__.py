"""What graphs are known by: degrees, clustering, orbits, spectra, parts, planarity."""
