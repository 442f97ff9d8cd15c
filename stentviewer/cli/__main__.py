"""The command line without its script: `python -m stentviewer.cli`."""

from stentviewer.cli import main

main()
