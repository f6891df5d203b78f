"""The command-line client of Studio Gate. It knows the HTTP contract, and nothing of the function's package."""
