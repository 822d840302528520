"""The world of the use cases, put together from the settings."""

from app.config import Misconfigured, Settings
from app.services.vault import Vault
from app.services.world import Clock, SystemClock, World
from card_issuance.authority import Authority, AuthorityFault
from card_issuance.embedded_authority import EmbeddedAuthority
from models.tables.engine import make_engine


def build_world(settings: Settings, clock: Clock | None = None) -> World:
    """Open the database, the vault and the authority. Makes the folders, and the embedded authority if there is none."""
    clock = clock or SystemClock()
    scans = settings.instance / "scans"
    scans.mkdir(parents=True, exist_ok=True, mode=0o700)
    return World(
        clock=clock,
        engine=make_engine(settings.database),
        vault=Vault(settings.vault_key),
        authority=_open_authority(settings, clock),
        scans=scans,
        public_url=settings.crl_url,
        webhook_networks=settings.webhook_networks,
    )


def _open_authority(settings: Settings, clock: Clock) -> Authority:
    folder, module = settings.instance / "authority", settings.authority_module
    try:
        return EmbeddedAuthority.open_or_create(folder, clock.now(), module)
    except AuthorityFault as fault:
        raise Misconfigured("authority", f"OFFICE_AUTHORITY: {fault}") from fault
