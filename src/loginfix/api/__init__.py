"""What a program may ask of loginfix; the verbs of the command line ask the same.

Arguments in, a result object out: nothing here prints or asks. ``import loginfix`` offers all of
it. Only ``reports`` (for the results) and ``cli`` import this.
"""
