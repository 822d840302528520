"""Background work for whoever asked for it: how far it is, what came out, and a way to stop it. Nobody else's exists here."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, world
from app.desks.job_results import result_url
from app.desks.refusals import sentence, sentence_of
from app.services.errors import Absent, OutOfTurn, Stale
from app.services.jobs import cancel_job, job_of
from forms.base import OfficeForm
from models.rulebook.oversight import JobAction, JobState
from models.rulebook.oversight_workflow import JOB, JOB_FINAL
from models.rulebook.permissions import Permission
from models.rulebook.workflow import open_actions
from models.tables import Job, db
from models.worklists.jobs import ahead_of, jobs_of

desk = Blueprint("jobs", __name__, url_prefix="/jobs")


@desk.get("/")
@door(Permission.own_account)
def mine() -> str:
    shown = jobs_of(db.session, actor().staff_id)
    return render_template("jobs/mine.html", jobs=shown, finals=JOB_FINAL, result_url=result_url, sentence_of=sentence_of)


@desk.get("/<int:job_id>")
@door(Permission.own_account)
def page(job_id: int) -> str:
    return render_template("jobs/page.html", **_seen(job_id))


@desk.get("/<int:job_id>/progress")
@door(Permission.own_account)
def progress(job_id: int) -> str:
    """What the page asks for again and again; the buttons come along, since they depend on how far it is."""
    return render_template("jobs/progress.html", swapped=True, **_seen(job_id))


@desk.post("/<int:job_id>/cancel")
@door(Permission.own_account)
def cancel(job_id: int) -> Any:
    try:
        cancel_job(world(), actor(), job_id, OfficeForm().seen_version)
        flash(_("已取消。"), "success")
    except OutOfTurn:
        flash(_("这项任务已经结束，没有什么可取消的。"), "warning")
    except Stale as late:
        flash(sentence(late), "warning")
    return redirect(url_for("jobs.page", job_id=job_id), 303)


@desk.get("/<int:job_id>/file")
@door(Permission.own_account)
def file(job_id: int) -> Response:
    """What was made, for a day. Its Chinese name as RFC 5987 has it, and a plain one for programs that do not know that."""
    job = job_of(db.session, actor(), job_id)
    if job.content is None:
        raise Absent("job_file_gone")
    answer = Response(job.content, content_type=job.media_type)
    ending = job.file_name.rpartition(".")[2]
    names = f"filename=\"{job.kind.value}-{job.id}.{ending}\"; filename*=UTF-8''{quote(job.file_name)}"
    answer.headers["Content-Disposition"] = f"attachment; {names}"
    return answer


def _seen(job_id: int) -> dict[str, Any]:
    job: Job = job_of(db.session, actor(), job_id)
    final = job.state in JOB_FINAL
    return {
        "job": job,
        "final": final,
        "waits": job.state is JobState.waiting,
        "runs": job.state is JobState.running,
        "done": job.state is JobState.done,
        "ahead": 0 if final else ahead_of(db.session, job),
        "may_cancel": JobAction.cancel in open_actions(JOB, job.state),
        "has_file": job.content_until is not None and job.content_until > world().now(),
        "result": result_url(job),
        "told": sentence_of(job.fault) if job.fault else "",
    }
