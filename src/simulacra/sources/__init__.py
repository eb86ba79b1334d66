"""One file a source: simulators and archives. A shelf."""
