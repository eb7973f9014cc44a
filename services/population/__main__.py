"""`python -m services.population` runs the service."""

from services.population.app import main

main()
