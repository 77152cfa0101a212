"""Puts the notebooks and the demo company into the wheel; all else stands in pyproject.toml.

Both lie outside the package, where people look for them. They are added while a wheel is built
and are no packages of their own (``package-dir``): the packages need not be listed one by one
then, and an editable install stays tied to no checkout's folders. ``smarketing/shipped.py``
finds them in either place.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {
    "notebooks": ("notebooks", ["*.ipynb"]),
    "demo_company": ("data/demo", ["README.md", "*.yml", "raw/**/*"]),
}
"""Folder in the package: folder in the repository, and what of it is shipped."""


class BuildWithShipped(build_py):
    """Adds the shipped folders to the package's data."""

    def run(self) -> None:
        """Build the package, the shipped folders within."""
        self.data_files = [*self.data_files, *map(self._shipped, SHIPPED)]
        super().run()

    def _shipped(self, name: str) -> tuple[str, str, str, list[str]]:
        source, patterns = SHIPPED[name]
        files = sorted(
            path.relative_to(source).as_posix()
            for pattern in patterns
            for path in Path(source).glob(pattern)
            if path.is_file()
        )
        return "smarketing", source, str(Path(self.build_lib, "smarketing", name)), files


setup(cmdclass={"build_py": BuildWithShipped})
