"""Pictures of the manual's story: a holder with two certificates, the station, the example platform, the counter between them."""

from sqlalchemy import select

from models.rulebook.vocabulary import CaseKind
from models.tables import Notice
from tests.journeys.platform_house import PlatformWalk, take_in
from tests.journeys.returning import CLERK, SUPERVISOR
from tests.pictures.camera import Camera

ADMINISTRATOR = "9009"


class PlatformAlbum:
    def __init__(self, camera: Camera, walk: PlatformWalk) -> None:
        self._camera, self._walk = camera, walk

    def platforms(self) -> None:
        walk, camera = self._walk, self._camera
        first, second = walk.two_certificates()
        holder = walk.holder()
        walk.insert(first.token)
        holder.go("/login")
        camera.screen("platform-login", "样例平台 · The example platform: log in with the certificate", holder.page)
        holder.begins_login()
        camera.screen("station-sign-in", "工位：谁在请求、授予什么 · The station: who asks, what is granted", holder.page)
        holder.types_pin(first.pin)
        holder.goes_on()
        camera.screen("platform-bind", "首次登录：绑定证书 · The first login binds", holder.page)
        holder.binds("shetuan01")
        camera.screen("platform-home", "登录成功 · Inside, with the certificate", holder.page)
        walk.insert(second.token)
        other = walk.holder()
        other.logs_in(second)
        camera.screen("platform-refused", "另一张证书 · The other certificate, and the way to the counter", other.page)

        walk.house.kill_platform()  # so that it can be seen waiting
        clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
        case_id = take_in(clerk, first, CaseKind.binding_reset)
        camera.screen("bindings-draft", "绑定重置 · The same sheet of papers as every case", clerk.page)
        clerk.file()
        supervisor.go(f"/grants/{case_id}")
        camera.screen("bindings-grant", "批准绑定重置 · The supervisor sees what ends", supervisor.page)
        supervisor.grant(case_id, "本人到场，证件核对无误")
        clerk.go("/bindings/")
        camera.screen("bindings", "绑定台 · What waits for a platform's word, with its age", clerk.page)
        clerk.go(f"/bindings/applicants/{walk.certificate(first).applicant_id}")
        camera.screen("bindings-applicant", "一家单位的绑定 · What its certificates open, and which one to use", clerk.page)
        slip = clerk.context.request.get(f"{clerk.home}/cases/notices/{self._last_notice(case_id)}.pdf")
        camera.paper("paper-binding", "平台绑定办理单 · Binding slip", slip.body())
        supervisor.go("/admin/telling/")
        camera.screen("admin-telling", "平台通知 · What platforms were told, and what they did not take", supervisor.page)
        administrator = walk.staff(ADMINISTRATOR)
        administrator.go("/admin/platforms/")
        camera.screen("admin-platforms", "平台 · Platforms", administrator.page)
        administrator.go("/admin/platforms/1")
        camera.screen("admin-platform", "一个平台 · A platform's policy, scopes and address", administrator.page)

    def _last_notice(self, case_id: int) -> int:
        with self._walk.house.reading() as session:
            return session.scalars(select(Notice.id).where(Notice.case_id == case_id).order_by(Notice.id.desc()).limit(1)).one()
