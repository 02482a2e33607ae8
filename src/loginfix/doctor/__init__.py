"""Why can I not log in? Looks at what a local program can honestly know, and changes nothing.

``checks`` holds one module a check; ``examination`` runs them all; ``diagnosis`` says what is the
likeliest cause and the one next step; ``subject`` is what a check may look at, ``model`` what it
answers. Nothing here writes into a profile or connects anywhere.
"""
