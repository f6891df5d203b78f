"""A private API Gateway on a laptop. Development equipment: it guards nothing and is never shipped.

What it knows of the API (routes, authorisation, resource policy, its own answers, throttling) it reads from the
resolved template. What the template could say and this cannot do raises `UnsupportedApiError`; nothing is guessed.
"""
