"""The package as a stranger gets it: built, installed where nothing is, run where nothing lies."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from smarketing.folder import Folder
from smarketing.reporting.runs.manifest import inputs_of
from smarketing.shipped import DEMO_FILES

ROOT = Path(__file__).parents[1]
LIBRARIES = [Path(place) for place in sys.path if Path(place).name == "site-packages"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]


def call(*command: object, cwd: Path, **settings: str) -> str:
    """Run a command that knows nothing of this checkout; return what it printed."""
    ours = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    env = {key: value for key, value in os.environ.items() if key not in ours}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a source distribution, unpacked; made from what is tracked, and nothing built."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = call("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    (copy / "data" / "demo" / "warehouse.duckdb").touch()
    (copy / "notebooks" / ".ipynb_checkpoints").mkdir()
    (copy / "notebooks" / ".ipynb_checkpoints" / "1_audit.ipynb").touch()
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    call(sys.executable, "-c", build, copy / "dist", cwd=copy)
    with tarfile.open(next((copy / "dist").glob("*.tar.gz"))) as archive:
        archive.extractall(copy / "unpacked", filter="data")
    return next((copy / "unpacked").iterdir())


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    """Return the wheel, built from the source distribution with the tools that are here."""
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    call(sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", "dist", ".", cwd=source)
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of commands of an environment that holds the wheel.

    Its dependencies are borrowed from the environment of the tests, so that nothing is fetched.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=os.name != "nt")
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    python = commands / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "-q")
    call(*pip, "--no-deps", "--no-index", wheel, cwd=home)
    own = "import sysconfig; print(sysconfig.get_path('purelib'))"
    lent = Path(call(python, "-c", own, cwd=home).strip(), "lent.pth")
    lent.write_text("".join(f"{place}\n" for place in LIBRARIES))
    return commands


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def in_git(folder: str) -> set[str]:
    return set(filter(None, call("git", "ls-files", "-z", folder, cwd=ROOT).split("\0")))


def test_the_wheel_holds_each_notebook_and_the_whole_demo(wheel):
    inside = names_in(wheel)
    notebooks = {f"smarketing/{name}" for name in in_git("notebooks")}
    demo = {name.replace("data/demo", "smarketing/demo_company") for name in in_git("data/demo")}
    assert {name for name in inside if name.startswith("smarketing/notebooks/")} == notebooks
    assert {name for name in inside if name.startswith("smarketing/demo_company/")} == demo


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel):
    inside = {name for name in names_in(wheel) if ".dist-info/" not in name}
    shipped = ("smarketing/notebooks/", "smarketing/demo_company/")
    assert {name for name in inside if not name.startswith(shipped)} == in_git("smarketing")


def test_the_source_distribution_holds_what_tests_and_documents_need(source):
    for folder in ("tests", "docs", "benchmarks"):
        assert all((source / name).is_file() for name in in_git(folder)), folder
    for name in ("Makefile", "constraints.txt", "constraints-lowest.txt", "environment.yml"):
        assert (source / name).is_file(), name


def test_the_demo_renders_its_page_in_an_empty_folder(scripts, demo, tmp_path):
    stray = tmp_path / "notebooks" / "monthly_report.ipynb"
    stray.parent.mkdir()
    stray.write_text("not the package's own, and never read")
    empty = tmp_path / "empty"
    empty.mkdir()
    data = os.pathsep.join(str(place.parents[2] / "share" / "jupyter") for place in LIBRARIES)
    told = call(scripts / "smarketing", "demo", "--json", cwd=empty, JUPYTER_PATH=data)

    answer = json.loads(told)
    page = empty / answer["report"]
    assert answer["month"] == "2026-10"
    assert page.is_relative_to(empty / "smarketing-demo")
    html = page.read_text(encoding="utf-8")
    assert "<h1" in html
    assert "Traceback" not in html
    manifest = json.loads(page.with_suffix(".manifest.json").read_text())
    own = inputs_of(Folder.open(demo), ROOT / "notebooks" / "monthly_report.ipynb")
    assert {key: manifest["inputs"][key] for key in own} == own
    assert set(DEMO_FILES) <= {path.name for path in (empty / "smarketing-demo").iterdir()}


def test_the_installed_package_is_the_one_that_runs(scripts, tmp_path):
    where = "import smarketing; print(smarketing.__file__)"
    found = Path(call(scripts / "python", "-c", where, cwd=tmp_path).strip())
    assert found.is_relative_to(scripts.parent)


def test_every_dependency_that_the_wheel_names_is_met(scripts, tmp_path):
    told = call(sys.executable, "-m", "pip", "--python", scripts / "python", "check", cwd=tmp_path)
    assert "No broken requirements found" in told
