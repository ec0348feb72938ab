"""``python -m omninode_bridge`` is the command line."""

import sys

from omninode_bridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
