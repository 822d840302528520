"""The door itself and one's own account: signing in and out, password, second factor, language."""

import base64
import binascii
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app.desks import door
from app.desks.refusals import sentence, show_faults
from app.services.address_delay import TooMany
from app.services.agree_to_reset import know_of_reset
from app.services.change_password import change_password
from app.services.demonstration_staff import demonstration_staff
from app.services.enrol_second_factor import Offer, enrol_second_factor, offer_second_factor, take_up_offer
from app.services.errors import Faulty
from app.services.prove_again import prove_again
from app.services.set_language import LANGUAGES, set_language
from app.services.sign_in import NotAdmitted, sign_in
from app.services.sign_out import sign_out as end_login
from app.services.vault import Unsealable
from app.words.terms import term
from forms.account import PasswordForm, SecondFactorForm, SignInForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import Role

desk = Blueprint("account", __name__)


@desk.route("/login", methods=["GET", "POST"], endpoint="sign_in")
@door.public
def sign_in_page() -> Any:
    form = SignInForm()
    onward = door.safe_next(request.args.get("next"), url_for("shell.home"))
    if door.recognised() and request.method == "GET":
        return redirect(onward, 303)
    if not form.validate_on_submit():
        return _login_page(form), 422 if form.is_submitted() else 200
    try:
        admitted = sign_in(
            door.world(), form.number.data, form.password.data, form.code.data, request.remote_addr or "", door.token()
        )
    except (NotAdmitted, TooMany) as refusal:
        return _login_page(form, sentence(refusal)), refusal.status
    door.admit(admitted.token)
    return redirect(onward, 303)


def _login_page(form: SignInForm, fault: str = "") -> str:
    staff = demonstration_staff(door.world()) if current_app.config["DEMONSTRATION"] else None
    return render_template("login/sign_in.html", form=form, fault=fault, demonstration=staff)


@desk.post("/logout")
@door.door(Permission.own_account)
def sign_out() -> Any:
    actor, token = door.actor(), door.dismiss()
    if token:
        end_login(door.world(), actor, token)
    flash(_("已退出登录。"), "success")
    return redirect(url_for("account.sign_in"), 303)


@desk.route("/login/again", methods=["GET", "POST"])
@door.door(Permission.own_account)
def again() -> Any:
    """The same proof that `@fresh` asks for, before a page instead of before a post."""
    someone, fault = door.someone(), None
    if request.method == "POST":
        try:
            prove_again(door.world(), someone, *door.proof())
            return redirect(door.safe_next(request.args.get("next"), url_for("shell.home")), 303)
        except NotAdmitted as refusal:
            fault = sentence(refusal)
    page = render_template("login/again.html", kept=[], fault=fault, asks_code=someone.has_second_factor)
    return page, 422 if fault else 200


@desk.get("/account/")
@door.door(Permission.own_account)
def page() -> Any:
    someone = door.someone()
    roles = _("、").join(term(role) for role in Role if role in someone.actor.roles)
    return render_template("account/page.html", someone=someone, roles=roles)


@desk.route("/account/password", methods=["GET", "POST"])
@door.door(Permission.own_account)
def password() -> Any:
    form, someone = PasswordForm(), door.someone()
    if form.validate_on_submit():
        try:
            change_password(door.world(), someone, form.old.data, form.new.data)
            flash(_("密码已更改，其他地方的登录已全部退出。"), "success")
            return redirect(url_for("account.page"), 303)
        except Faulty as fault:
            show_faults(form, fault)
    return render_template("account/password.html", form=form, someone=someone), 422 if form.errors else 200


@desk.post("/account/reset-read")
@door.door(Permission.own_account)
def reset_read() -> Any:
    know_of_reset(door.world(), door.actor())
    return redirect(door.safe_next(request.form.get("back"), url_for("shell.home")), 303)


@desk.route("/account/second-factor", methods=["GET", "POST"])
@door.door(Permission.own_account)
def second_factor() -> Any:
    form, someone = SecondFactorForm(), door.someone()
    if someone.has_second_factor:
        return redirect(url_for("account.page"), 303)
    offer = _offer(form.offer.data if form.is_submitted() else None)
    if form.validate_on_submit():
        try:
            enrol_second_factor(door.world(), someone, offer, form.code.data)
            flash(_("动态码已绑定，下次登录起需要填写。"), "success")
        except Faulty as fault:
            show_faults(form, fault)
            if not fault.fields:  # a second click: it is coupled already
                flash(sentence(fault), "warning")
        if not form.errors:
            return redirect(url_for("account.page"), 303)
    form.offer.data = base64.b64encode(offer.sealed).decode()
    page = render_template("account/second_factor.html", form=form, offer=offer)
    return page, 422 if form.errors else 200


def _offer(carried: str | None) -> Offer:
    if carried is None:
        return offer_second_factor(door.world(), door.actor())
    try:
        return take_up_offer(door.world(), door.actor(), base64.b64decode(carried, validate=True))
    except (Unsealable, binascii.Error):
        abort(400)


@desk.post("/account/language")
@door.public
def language() -> Any:
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    session["language"] = chosen
    someone = door.recognised()
    if someone:
        set_language(door.world(), someone.actor, chosen)
    return redirect(door.safe_next(request.form.get("back"), url_for("shell.home")), 303)
