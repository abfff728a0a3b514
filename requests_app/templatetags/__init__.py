"""How facts are said in templates."""
