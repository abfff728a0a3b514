"""Pages of a crew on its way: used on a telephone, in one hand, in the sun, and without a signal."""
