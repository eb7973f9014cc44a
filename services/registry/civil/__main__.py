"""`python -m services.registry.civil` runs the service."""

from services.registry.civil.app import main

main()
