"""`python -m flagstone` is the `flagstone` command."""

from flagstone.kit.light import import_msgspec

import_msgspec()

from flagstone.cli.main import main  # noqa: E402 - after the line above, which makes it quicker

if __name__ == "__main__":
    main()
