"""loginfix takes one site out of every browser on a machine, and can put it back."""

__version__ = "0.1.0"
