"""Measurements: `./clearway bench NAME`. One module a bench, each with `measure(quick) -> Iterable[Row]`."""
