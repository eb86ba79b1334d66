"""`python -m simulacra` is the command line."""

from simulacra.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
