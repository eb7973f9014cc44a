"""What every service of the axis is built from. It imports contracts and nothing else of the project."""
