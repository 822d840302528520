"""`./office pictures`: live a day in a house of its own, take every page and paper, and put them into the README."""

import argparse
import sys
import tempfile
from pathlib import Path

from app.config import HOUSE
from tests.journeys.browser import chromium
from tests.journeys.desk import Desk
from tests.journeys.platform_house import with_platform
from tests.journeys.running import running_house
from tests.pictures.album import ROOMS, Album
from tests.pictures.camera import Camera
from tests.pictures.platforms import PlatformAlbum
from tests.pictures.readme import rewrite

FOLDER = Path(__file__).parent
PLATFORMS = "platforms"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office pictures", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*ROOMS, PLATFORMS], help="these rooms; the README is left alone")
    parser.add_argument("--folder", type=Path, help="where to; the README is left alone")
    options = parser.parse_args(arguments)
    folder = options.folder or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    rooms = options.only or [*ROOMS, PLATFORMS]
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        with running_house(Path(place, "instance")) as house:
            camera, desk = Camera(browser, folder, house.url), Desk(house)
            try:
                album = Album(camera, desk)
                for room in ROOMS:
                    if room in rooms:
                        getattr(album, room)()
            finally:
                desk.close()
        if PLATFORMS in rooms:
            with with_platform(browser, Path(place, PLATFORMS)) as walk:
                PlatformAlbum(camera, walk).platforms()
    for line in camera.overflowing:
        print(f"larger than the screen: {line}")
    if not options.only and not options.folder:
        rewrite(HOUSE / "README.md", folder, camera.taken)
    size = sum((folder / f"{name}.png").stat().st_size for name in camera.taken)
    print(f"{len(camera.taken)} pictures, {size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
