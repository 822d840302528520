"""The scenes, a module for each room. A new POST route gets its scene in the module of its room; a new module is named here, and
gets a test file of its own like `test_intake.py`."""

from tests.app.doubles.scenes import (
    aftercare,
    day,
    decisions,
    exceptions,
    intake,
    issuance,
    looking,
    people,
    platforms,
    retention,
    rules,
    stations,
    stock,
)

ROOMS = (looking, day, intake, decisions, issuance, aftercare, stations, people, platforms, retention, rules, stock, exceptions)
SCENES = tuple(scene for room in ROOMS for scene in room.SCENES)
