"""One file a reading: what goes into the network, and what its output means."""
