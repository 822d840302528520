"""Processor time as the kernel counts it (proc(5), stat): what a claim can rest on while other programs crowd the machine."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def spent(pid: int, with_ended_children: bool = False) -> float:
    """Seconds that a process has used in all its threads; 0.0 for one that is gone."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_ended_children else 13])) * _TICK


def spent_by_trees(roots: Iterable[int]) -> float:
    """Seconds of these processes and of all that they started, ended children too where their parent has reaped them."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(entry.parent.name))
    todo, total = list(roots), 0.0
    while todo:
        pid = todo.pop()
        total += spent(pid, with_ended_children=True)
        todo += parents.get(pid, [])
    return total
