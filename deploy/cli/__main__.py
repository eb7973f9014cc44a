"""`python -m deploy.cli` is the same as `truc`: for an environment whose scripts are not on the PATH."""

from deploy.cli.main import main

main()
