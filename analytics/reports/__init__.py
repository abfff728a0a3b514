"""Reports: load, compute, say. Each gives a frozen result that a page, a table file or a test can read."""
