"""Benchmarks. Each prints its figure, the floor or the peer beside it, and the ratio, all from one run."""
