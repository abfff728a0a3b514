"""Other systems' cases, read into a jurisdiction of their own: described by a TOML, mapped by pure rules, counted."""
