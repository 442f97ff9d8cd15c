"""Model bundles, preprocessing and the runtimes that execute them."""
