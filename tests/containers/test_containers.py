"""The Dockerfile and the compose file, as far as they can be tried without an engine."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def _run(*command: str, folder: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / "compose.yaml")
    return loaded


def test_the_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint has no package for this machine")
    _run(str(linter), "Dockerfile")


def test_the_compose_file_is_one() -> None:
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    _run(checker, "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_what_is_copied_is_all_that_the_package_needs(tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for source in " ".join(copied).split():
        place = ROOT / source
        if place.is_dir():
            shutil.copytree(place, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, tmp_path / source)
        assert f"!{source}\n" in (ROOT / ".dockerignore").read_text()
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", "made")
    _run(sys.executable, "-m", "pip", "wheel", *options, ".", folder=tmp_path)
    [wheel] = (tmp_path / "made").glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    for package in declared["wheel"]["packages"]:
        assert f"{package}/__init__.py" in packed
    migrations = {path.name for path in (ROOT / "supabase" / "migrations").glob("*.sql")}
    assert migrations <= {Path(name).name for name in packed}
    assert "web/static/widget.js" in packed


def test_nothing_runs_as_root() -> None:
    [user] = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0
    assert DOCKERFILE.count("\nFROM ") >= 1
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_services_find_each_other(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "api", "worker"}
    for name in ("api", "worker"):
        assert "@postgres/" in services[name]["environment"]["DATABASE_URL"]
        assert services[name]["volumes"] == services["api"]["volumes"]
    assert services["worker"]["command"] == ["worker"]
    assert "pgvector" in services["postgres"]["image"]
    assert "ports" not in services["postgres"]
    assert set(compose["volumes"]) == {
        mounted.split(":")[0] for service in services.values() for mounted in service["volumes"]
    }
