"""What comes with the package beside its code: the notebooks and the demo company's workspace."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from smarketing.errors import Problem, SmarketingError

NOTEBOOKS = "notebooks"
DEMO = "demo_company"
_IN_A_CHECKOUT = {NOTEBOOKS: "notebooks", DEMO: "data/demo"}
"""Where the repository keeps what a wheel holds in the package; ``setup.py`` puts it there."""

DEMO_FILES = ("README.md", "agreement.yml", "raw", "sources.yml")
"""What belongs to the demo's workspace; a checkout holds what commands built beside it."""


def shipped_folder(name: str) -> Path:
    """Return the folder of the package's own notebooks, or of its demo.

    An installed package holds it. A checkout has it in its root, beside the package that asks,
    and nowhere else: a folder that happens to lie above the current one is never taken.

    Parameters
    ----------
    name : {"notebooks", "demo_company"}

    Raises
    ------
    SmarketingError
        If the package was installed without it.

    Examples
    --------
    >>> (shipped_folder("notebooks") / "monthly_report.ipynb").is_file()
    True
    """
    package = Path(str(files("smarketing")))
    root = package.parent
    inside, beside = package / name, root / _IN_A_CHECKOUT[name]
    if inside.is_dir():
        return inside
    if (root / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise SmarketingError(
        Problem(
            "the package was installed without a part of it",
            name,
            todo="Install it again, from a wheel or from a copy of the repository.",
        )
    )


def copy_demo(folder: Path) -> None:
    """Copy the demo company's workspace: its files, and nothing that was built from them.

    Parameters
    ----------
    folder : pathlib.Path
        The new workspace; made if it is not there.

    Raises
    ------
    SmarketingError
        If the package was installed without the demo.

    Examples
    --------
    >>> copy_demo(Path("my-demo"))  # doctest: +SKIP
    """
    source = shipped_folder(DEMO)
    # sources.yml is copied last: a folder with it is a whole workspace
    for name in DEMO_FILES:
        part = source / name
        for path in [part] if part.is_file() else sorted(part.rglob("*")):
            if path.is_file():
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())  # and not its mode: it may be read-only
