"""``python -m loginfix``."""

from loginfix.cli import main

if __name__ == "__main__":
    main()
