"""Ways to execute a bundle: onnxruntime on the CPU, torch on a GPU."""
