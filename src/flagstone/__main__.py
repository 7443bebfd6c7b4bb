"""`python -m flagstone` is the `flagstone` command."""

from flagstone.cli.main import main

if __name__ == "__main__":
    main()
