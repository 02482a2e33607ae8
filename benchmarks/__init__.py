"""How fast loginfix is beside what a person would use instead: ``python -m benchmarks``.

Large profiles are made once, in the real formats; then loginfix and the others run as whole
processes on the same files, in turns. Only ratios of one run mean anything on another machine.
"""
