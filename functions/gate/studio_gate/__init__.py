"""Studio Gate: a private front door to Amazon SageMaker Studio.

`handler` tells the story of one launch; every other module is one step of it.
"""
