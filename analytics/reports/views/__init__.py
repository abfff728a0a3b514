"""The further pages of a report: each answers one question about the same cohort. `registry` lists them."""
