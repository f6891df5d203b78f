"""The command-line client of Studio Gate. It knows the HTTP contract; `operator` alone knows the function's package."""
