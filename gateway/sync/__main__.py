"""`python -m gateway.sync` runs the worker."""

from gateway.sync.app import main

main()
