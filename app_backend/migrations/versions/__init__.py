"""One module per migration, named after its revision."""
