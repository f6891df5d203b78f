"""`python -m studio_gate_cli`, for where the command is not on the path."""

import sys

from studio_gate_cli.main import main

sys.exit(main())
