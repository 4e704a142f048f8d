"""Draw the pictures of the pages: the report of a fleet, and the first page of the site.

    python hooks/draw_pages.py SITE     # `make screenshots`; SITE is the built site

The fleet is that of `make bench-fleet`: forty real repositories, edited by a seeded script, here
with an owner and a wave each. Chromium draws; each PNG has the digest of what it shows in its
text `sources`, so that a test finds an outdated one.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image, PngImagePlugin

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import fleet_corpus  # type: ignore[import-not-found] # noqa: E402

import browser  # type: ignore[import-not-found] # noqa: E402

PICTURES = ROOT / "docs/pictures"
SIZE = {"width": 1100, "height": 760}
COLOURS = 96
OWNERS = ("@acme/risk", "@acme/search", "@acme/pricing", "@acme/platform")


def digest(name: str) -> str:
    """Return the digest of what a picture is drawn from."""
    sources = [ROOT / "hooks/site.css", ROOT / "hooks/site.js"]
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Try it")[0]
    if name.startswith("fleet"):
        sources, first_screen = sorted((ROOT / "src/mlcharter/fleet/page").iterdir()), ""
    whole = b"".join(path.read_bytes() for path in sources) + first_screen.encode()
    return hashlib.sha256(whole).hexdigest()[:16]


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    (ROOT / ".examples").mkdir(exist_ok=True)  # hard links to the examples work there
    with tempfile.TemporaryDirectory(dir=ROOT / ".examples") as folder:
        fleet, site = report(Path(folder)), Path(sys.argv[1]).resolve() / "index.html"
        pages = {"fleet-light": fleet, "fleet-dark": fleet, "site-light": site}
        with browser.started() as chromium:
            for name, place in pages.items():
                scheme = name.rpartition("-")[2]
                page = browser.open_page(chromium, place.as_uri(), scheme, SIZE)
                save(page.screenshot(), name)
                page.close()


def report(folder: Path) -> Path:
    """Check the fleet, and return its report."""
    clones = fleet_corpus.make(fleet_corpus.seeds(folder / "seeds"), folder / "clones", 40)
    (folder / "fleet.csv").write_text("\n".join(listed(clones)), encoding="utf-8")
    mlcharter = [sys.executable, "-m", "mlcharter", "fleet"]
    words = [*mlcharter, "check", "fleet.csv", "--format", "jsonl"]
    with (folder / "today.jsonl").open("w") as results:
        subprocess.run(words, cwd=folder, stdout=results, check=False)  # 1: some fail
    words = [*mlcharter, "report", "today.jsonl", "--output", "html=fleet.html"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "fleet.html"


def listed(clones: Iterable[Path]) -> Iterable[str]:
    """Yield the lines of a list of the fleet."""
    yield "path,name,owner,wave,url"
    for number, clone in enumerate(clones):
        team = OWNERS[number % len(OWNERS)]
        name = f"{team.rpartition('/')[2]}-{number:02}"
        yield f"clones/{clone.name},{name},{team},{number % 3 + 1},https://git.acme.example/{name}"


def save(picture: bytes, name: str) -> None:
    """Write a picture with few colours."""
    about = PngImagePlugin.PngInfo()
    about.add_text("sources", digest(name))
    small = (
        Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    )
    small.save(PICTURES / f"{name}.png", optimize=True, pnginfo=about)


if __name__ == "__main__":
    main()
