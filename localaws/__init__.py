"""Everything here stands in for AWS on a laptop; it is never shipped."""
