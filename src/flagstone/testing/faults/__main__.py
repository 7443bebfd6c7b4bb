"""`python -m flagstone.testing.faults` runs a script under faults."""

import sys

from flagstone.testing.faults.launching import main

if __name__ == "__main__":
    main(sys.argv[1:])
