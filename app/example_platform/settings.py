"""What a platform must know before it begins."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """`root`: the certificate authority's own certificate, DER; a real platform is given it by hand, never over the wire that it
    is to protect. `station`: where the program of the holder's computer answers, for each of them the same loopback address.
    """

    code: str  # the office's word for this platform
    origin: str  # of this platform, as its browsers write it: "https://platform.example.cn"
    office: str
    station: str
    client_id: str
    client_secret: str
    root: bytes
    home: Path
    demonstration: bool = False
    poll_every: float = 20.0  # seconds between two looks at the office's feed

    def __post_init__(self) -> None:
        for name in ("origin", "office", "station"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not an address like https://platform.example.cn")

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def webhook(self) -> str:
        """The address that the office has on record."""
        return f"{self.origin}/office-events"

    def __repr__(self) -> str:
        return f"Settings({self.code} at {self.origin})"
