"""A service's workflow as data: what it says, how it is read from TOML, what makes it sound, where a case may go.

`definition`, `parse`, `check` and `path` are pure; `said` has the sentences.
"""
