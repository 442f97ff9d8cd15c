"""Training: recipes, transfer from ImageNet, and the demo model."""
