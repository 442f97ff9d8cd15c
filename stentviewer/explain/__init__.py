"""Heat maps: why the model says what it says."""
