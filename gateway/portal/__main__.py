"""`python -m gateway.portal`."""

from gateway.portal.app import main

main()
