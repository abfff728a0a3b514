"""What the events mean: loading, pure kernels, reports and evaluator pages."""
