"""Learning a new design, step by step: pages over `learning.wizard_flow`."""
