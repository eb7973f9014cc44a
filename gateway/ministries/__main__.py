"""`python -m gateway.ministries` runs the stand-in ministries."""

from gateway.ministries.app import main

main()
