"""No POST route without a scene of a double click, or a reason why it needs none."""

from flask import Flask

from app.desks.door import door_of
from tests.app.doubles.scenes import SCENES

# What changes nothing however often it is sent.
CHANGE_NOTHING = {
    "precheck_api.precheck": "the rulebook answers, nothing is kept",
    "ocsp.posted": "a question about a certificate",
    "platform_api.examine": "a question about a certificate",
}


def posts(app: Flask) -> dict[str, str]:
    """Endpoint → path. Those that Flask-Admin brings and this house leaves shut have no door: `test_every_door` sees to them."""
    return {
        rule.endpoint: str(rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and door_of(app, rule.endpoint) is not None
    }


def test_every_post_has_a_scene_or_a_reason(app: Flask) -> None:
    played = {scene.endpoint for scene in SCENES}
    missing = [
        f"POST {path} ({endpoint}) has no scene of a double click: add one to SCENES in the module of its room in "
        "tests/app/doubles/scenes/ (a new module: name it in scenes/__init__.py and give it a test file like test_intake.py); "
        "or, if it changes nothing, give the reason in CHANGE_NOTHING here."
        for endpoint, path in posts(app).items()
        if endpoint not in played and endpoint not in CHANGE_NOTHING
    ]
    assert not missing, "\n".join(missing)


def test_no_scene_and_no_reason_is_left_of_a_route_that_went(app: Flask) -> None:
    known = set(posts(app))
    assert {scene.endpoint for scene in SCENES} | set(CHANGE_NOTHING) <= known
    assert not {scene.endpoint for scene in SCENES} & set(CHANGE_NOTHING)


def test_scenes_are_told_apart_by_their_names() -> None:
    assert len({str(scene) for scene in SCENES}) == len(SCENES)
