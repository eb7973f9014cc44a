"""What changes the stand-ins' state: plain functions of a transaction."""
