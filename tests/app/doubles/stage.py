"""Scenes of double clicks, and the stage on which they are played.

One state of the house, put back two hundred times, and one POST: a member of staff clicks twice, and where a second one may do the
same he clicks in the same moment. Whatever one click alone leaves behind, all of them together must leave, and no more.
"""

import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.desks.refusals import HTTP_SENTENCES, SENTENCES
from app.services.passwords import hash_password
from app.services.world import World
from models.rulebook.vocabulary import Role
from models.tables import Staff
from tests.app.doubles.traces import (
    FILES,
    TABLES,
    Keeper,
    PostgresqlKeeper,
    SqliteKeeper,
    Trace,
    differing,
    more_and_less,
    without,
)
from tests.builders.people import PASSWORD, add_staff, branch_id_of, number_of, open_login
from tests.invariants import violations

ROUNDS = 200
ROUNDS_OF_VARIANTS = 50  # of a route that was played in full already: another kind of case, another state before
ROUNDS_AT_SUPERVISION = 30  # a few people a branch, a few times a day; what was ever found was found within ten
ROUNDS_ON_POSTGRESQL = 25  # dearer each
LOOKED_AT = 50  # every so many rounds the answers are followed and the safety rules asked

CLERKS = (number_of(Role.clerk), number_of(Role.clerk, which=2))
COUNTERS = (number_of(Role.clerk), number_of(Role.clerk, "CY01"))  # of two branches
REVIEWERS = (number_of(Role.reviewer), number_of(Role.reviewer, which=2))
SUPERVISORS = (number_of(Role.supervisor), number_of(Role.supervisor, which=2))
ADMINISTRATORS = (number_of(Role.administrator), number_of(Role.administrator, which=2))
NOBODY = ("",)  # a stranger; or a station, which carries its secret with what it sends


@dataclass(frozen=True)
class Post:
    """What is sent. A value of type bytes is sent as a file; `body` as JSON, for programs."""

    path: str
    form: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Click = tuple[str, Post]  # who, by his staff number, sends what


@dataclass(frozen=True)
class Scene:
    """A POST that changes something. `build` makes the state before it and says what is sent.

    `people`: who sends it, the first of them twice, all at once; or each his own post once, where `build` gives one for each: of
    these too only one takes effect. `each_counts`: why every click has an effect of its own, where that is so: then all at once
    leave what they leave one after the other, in some order. `important`: played on PostgreSQL too. `judge`: what
    must hold of the answers besides. `anew`: what no two rounds may share, changed before each: outside the database somebody
    remembers it.
    """

    endpoint: str
    name: str
    build: "Callable[[Stage], Post | tuple[Post, ...]]"
    people: tuple[str, ...]
    each_counts: str = ""
    important: bool = False
    judge: Callable[[Sequence[TestResponse]], None] = lambda answers: None
    anew: "Callable[[Stage, list[Click]], list[Click]]" = lambda stage, clicks: clicks

    def __str__(self) -> str:
        return f"{self.endpoint} {self.name}".strip()

    @property
    def senders(self) -> tuple[str, ...]:
        return self.people[0], *self.people


def played(scenes: Sequence[Scene], most: int = ROUNDS) -> Any:
    """The scenes as parameters of a test, each with its rounds, `most` at the most."""
    first: dict[str, Scene] = {}
    for scene in scenes:
        first.setdefault(scene.endpoint, scene)
    in_full = [scene for scene in scenes if scene.important or scene is first[scene.endpoint]]
    rounds = {scene: most if scene in in_full else min(most, ROUNDS_OF_VARIANTS) for scene in scenes}
    params = [pytest.param(scene, rounds[scene], id=str(scene)) for scene in scenes]
    return pytest.mark.parametrize(("scene", "rounds"), params)


@dataclass
class Stage:
    """An office over one database, with two supervisors and two administrators more than other tests need."""

    world: World
    app: Flask
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hashed = hash_password(PASSWORD)
        with self.world.writing() as session:
            add_staff(self.world, session, SUPERVISORS[1], {Role.supervisor}, branch_id_of(self.world), hashed)
            add_staff(self.world, session, "X2", {Role.administrator}, None, hashed)
            session.commit()

    def keeper(self) -> Keeper:
        kind = SqliteKeeper if self.world.engine.dialect.name == "sqlite" else PostgresqlKeeper
        return kind(self.world.engine)

    def sign_in(self, number: str) -> None:
        """A browser's cookie and its token against forged posts, for `send`; of a stranger for the number ""."""
        client = self.app.test_client()
        if number:
            login = open_login(self.world, number)
            with client.session_transaction() as session:
                session["login"] = login
        token = client.csrf_token()  # type: ignore[attr-defined]
        cookie = client.get_cookie("office")
        assert cookie is not None
        self.cookies[number] = cookie.value, token

    def send(self, number: str, post: Post) -> TestResponse:
        client, headers = self.app.test_client(), dict(post.headers)
        if post.body is not None:
            return client.post(post.path, json=post.body, headers=headers, csrf=False)
        cookie, headers["X-CSRFToken"] = self.cookies[number]
        client.set_cookie("office", cookie)
        form = {name: (io.BytesIO(v), "papers.png") if isinstance(v, bytes) else v for name, v in post.form.items()}
        return client.post(post.path, data=form, headers=headers, csrf=False)

    def look(self, url: str, number: str) -> TestResponse:
        client = self.app.test_client()
        client.set_cookie("office", self.cookies[number][0])
        return client.get(url)

    def violations(self, settled: bool = False) -> list[str]:
        with self.world.reading() as session:
            return violations(session, settled=settled)

    def staff_id(self, number: str) -> int:
        with self.world.reading() as session:
            return session.scalars(select(Staff.id).where(Staff.number == number)).one()


def play(stage: Stage, scene: Scene, rounds: int) -> None:
    """Every expectation that fails is an AssertionError."""
    built = scene.build(stage)
    clicks = (
        [(number, built) for number in scene.senders] if isinstance(built, Post) else list(zip(scene.people, built, strict=True))
    )
    for number in set(scene.people):
        stage.sign_in(number)
    judge = _Judge(stage, scene, clicks)
    seen: Counter[tuple[int, ...]] = Counter()
    gate = threading.Barrier(len(clicks))
    with ThreadPoolExecutor(len(clicks)) as browsers:
        for turn in range(1, rounds + 1):
            answers = list(browsers.map(partial(_click, gate, stage), judge.put_back()))
            seen[tuple(sorted(answer.status_code for answer in answers))] += 1
            judge.one_effect(f"{scene}, round {turn}", answers, closely=turn % LOOKED_AT == 1)
    print(f"{scene}: {rounds} rounds, answers {dict(seen)}")  # with pytest -s, and beside a failure


def _click(gate: threading.Barrier, stage: Stage, click: Click) -> TestResponse:
    gate.wait()
    return stage.send(*click)


class _Judge:
    """Knows what one click alone leaves behind, each of them; or where each counts, what all leave one after the other."""

    def __init__(self, stage: Stage, scene: Scene, clicks: Sequence[Click]) -> None:
        self.stage, self.scene, self.clicks, self.keeper = stage, scene, clicks, stage.keeper()
        self.keeper.keep()
        self.touched: Collection[str] = TABLES
        self.scans = set(stage.world.scans.iterdir())
        with stage.app.test_request_context():
            self.sentences = [str(text).split("%(")[0] for text in [*SENTENCES.values(), *HTTP_SENTENCES.values()]]
        before = self._read()
        assert stage.violations() == [], f"{scene}: the state before is not sound"
        places = range(len(clicks))
        orders = set(permutations(places)) if scene.each_counts else {(place,) for place in places}
        alone = [[self._one_after_the_other(order) for _ in range(2)] for order in sorted(orders)]
        self.random = frozenset().union(*(differing(*twice) for twice in alone))
        self.wanted = [without(once, self.random) for once, _ in alone]
        for wanted in self.wanted:
            assert wanted != without(before, self.random), f"{scene}: the POST changes nothing: what would be its race?"
        self.touched = [name for name in TABLES if any(once[name] != before[name] for twice in alone for once in twice)]

    def _one_after_the_other(self, order: Sequence[int]) -> Trace:
        clicks = self.put_back()
        for place in order:
            answer = self.stage.send(*clicks[place])
            assert answer.status_code < 400, f"{self.scene} alone: {answer.status_code} {answer.text[-2000:]}"
        assert self.stage.violations() == [], f"{self.scene} alone"
        return self._read()

    def _read(self) -> Trace:
        return {**self.keeper.read(), FILES: [(len(list(self.stage.world.scans.iterdir())),)]}

    def put_back(self) -> list[Click]:
        """The state before, and what is sent now."""
        self.keeper.put_back(self.touched)
        for file in set(self.stage.world.scans.iterdir()) - self.scans:
            file.unlink()
        return self.scene.anew(self.stage, list(self.clicks))

    def one_effect(self, where: str, answers: Sequence[TestResponse], closely: bool) -> None:
        for answer in answers:
            assert is_calm(answer, self.sentences), f"{where}: {answer.status_code} {answer.text[-2000:]}"
        assert min(answer.status_code for answer in answers) < 400, f"{where}: nobody was served"
        self.scene.judge(answers)
        found = without(self._read(), self.random)
        if found not in self.wanted:
            raise AssertionError(f"{where}: not what one click leaves behind:\n{more_and_less(found, self.wanted[0])}")
        if closely:
            self._look(where, answers)

    def _look(self, where: str, answers: Sequence[TestResponse]) -> None:
        """Where each is sent there is a page, and the safety rules hold."""
        for (number, _), answer in zip(self.clicks, answers, strict=True):
            if number and answer.location:
                page = self.stage.look(answer.location, number)
                assert page.status_code in {200, 302, 303}, f"{where}: {answer.location} gives {page.status_code}"
        assert self.stage.violations() == [], where


def is_calm(answer: TestResponse, sentences: Sequence[str]) -> bool:
    """Served; or refused by a sentence of the office's own, or for a program by a reason."""
    if answer.status_code < 400:
        return True
    if answer.status_code >= 500:
        return False
    if answer.is_json:
        told = json.loads(answer.text)
        return any(told.get(name) for name in ("reason", "fault", "detail"))
    text = unescape(answer.text)
    return any(sentence in text for sentence in sentences)
