"""Puts the vendored browser files in `api/static/vendor/`: `python -m assets.install`.

npm installs exactly what `package-lock.json` says. The pages work without these files, with
system fonts.
"""

import shutil
import sys
from pathlib import Path

from assets.npm import npm

HERE = Path(__file__).parent
VENDOR = HERE.parent / "api" / "static" / "vendor"

_NASTALIQ = "@fontsource/noto-nastaliq-urdu"
# From the npm package to the name under `vendor/`. Fonts travel with their licence.
FILES = {
    f"{_NASTALIQ}/files/noto-nastaliq-urdu-arabic-400-normal.woff2": (
        "noto-nastaliq-urdu-arabic-400-normal.woff2"
    ),
    f"{_NASTALIQ}/files/noto-nastaliq-urdu-arabic-700-normal.woff2": (
        "noto-nastaliq-urdu-arabic-700-normal.woff2"
    ),
    f"{_NASTALIQ}/LICENSE": "noto-nastaliq-urdu.LICENSE",
    "@picocss/pico/css/pico.min.css": "pico.min.css",
    "@picocss/pico/LICENSE.md": "pico.LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
}


def install() -> int:
    """Install and copy. Returns npm's exit status; nothing is copied if it failed.

    Raises:
        OSError: node could not be run, or a package has no such file any more.
    """
    status = npm(HERE, "ci")
    if status == 0:
        VENDOR.mkdir(parents=True, exist_ok=True)
        for source, name in FILES.items():
            shutil.copyfile(HERE / "node_modules" / source, VENDOR / name)
    return status


if __name__ == "__main__":
    sys.exit(install())
