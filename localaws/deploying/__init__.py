"""`make deploy-smoke`: a real `sam deploy` against a local emulator of AWS, and what has come of it."""
