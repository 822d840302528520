"""`./office bench NAME [OPTIONS]`: measure a claim of speed against its floor, in one run. Alone, it lists the names.

Each name is a module of `app.bench` that has a `main`; `./office bench NAME --help` tells its options.
"""

import pkgutil
import sys
from importlib import import_module

import app.bench


def names() -> dict[str, str]:
    """The benchmarks and what each measures, from its first line."""
    found = {}
    for module in pkgutil.iter_modules(app.bench.__path__):
        says = (import_module(f"app.bench.{module.name}").__doc__ or "").splitlines()[0]
        if says.startswith("`./office bench "):
            found[module.name] = says.partition("`: ")[2]
    return found


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        for name, says in names().items():
            print(f"  {name:<12} {says}")
        return 0
    if arguments[0] not in names():
        print(f"office bench: there is no '{arguments[0]}'; there are {', '.join(names())}.", file=sys.stderr)
        return 2
    exit_status: int = import_module(f"app.bench.{arguments[0]}").main(arguments[1:])
    return exit_status
