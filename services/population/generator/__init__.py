"""Believable citizens of Bình Định, from a fixed seed: for rehearsals, demos, benchmarks and tests.

Nobody here exists. Numbers follow the rules of real ones and are unique within a run; the same seed gives the
same people, and a larger count only adds to the smaller one.
"""

from services.population.generator.bulk import import_citizens, import_households
from services.population.generator.families import AS_OF, GeneratedHousehold, generate, households
from services.population.generator.loader import Loaded, LoadRefusedError, load, load_households

__all__ = [
    "AS_OF",
    "GeneratedHousehold",
    "LoadRefusedError",
    "Loaded",
    "generate",
    "households",
    "import_citizens",
    "import_households",
    "load",
    "load_households",
]
