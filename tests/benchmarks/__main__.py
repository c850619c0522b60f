"""``bin/bench NAME``: run one benchmark and print its JSON line; without a name, list the names."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

import tests.benchmarks as folder

KEYS = ("name", "ours", "peer", "ratio", "unit", "conditions")


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_"))


def main(words: list[str]) -> int:
    if not words:
        print("\n".join(names()))
        return 0
    if words[0] not in names():
        print(f"There is no benchmark {words[0]!r}. There are: {', '.join(names())}.", file=sys.stderr)
        return 2
    result = importlib.import_module(f"tests.benchmarks.{words[0]}").run()
    print(json.dumps({key: result[key] for key in KEYS} | result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
