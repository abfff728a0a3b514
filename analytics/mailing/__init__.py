"""Reports by mail: who gets which, when, and what stands in the mail. See docs/adr/0008."""
