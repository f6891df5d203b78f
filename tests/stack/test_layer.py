"""The dependency layer's make target, run for real on wheels made here, and the committed requirements it takes."""

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stack.stacks import ROOT

TARGETS = {"arm64": "build-DependenciesArm64", "x86_64": "build-DependenciesX8664"}
ARM64 = "cp313-cp313-manylinux_2_28_aarch64"
X86_64 = "cp313-cp313-manylinux_2_28_x86_64"
PURE = "py3-none-any"
# Lambda's python3.13 runs on Amazon Linux 2023: glibc 2.34.
FOREIGN = {
    "a newer glibc than Lambda's": "cp313-cp313-manylinux_2_35_aarch64",
    "musl instead of glibc": "cp313-cp313-musllinux_1_2_aarch64",
    "an older Python": "cp312-cp312-manylinux_2_28_aarch64",
}
NATIVE = {
    "anywhere": PURE,
    "oldest_glibc": "cp313-cp313-manylinux2014_aarch64",
    "oldest_by_number": "cp313-cp313-manylinux_2_17_aarch64",
    "glibc_of_lambda": "cp313-cp313-manylinux_2_34_aarch64",
    "stable_abi": "cp39-abi3-manylinux_2_28_aarch64",
}
SDIST_METADATA = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
SDIST_BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
SDIST_BACKEND = f"""
import shutil

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("tiny-1.0-{PURE}.whl", folder).rpartition("/")[2]
"""
OTHER_DIGEST = hashlib.sha256(b"another file").hexdigest()
LAYER = ROOT / "layers" / "dependencies" / "requirements.txt"
LOCKS = sorted(
    [*(ROOT / "requirements").glob("*.txt"), *ROOT.glob("*requirements*.txt"), *ROOT.glob("layers/**/*.txt")]
)
PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==([a-z0-9.]+)((?: --hash=sha256:[0-9a-f]{64})+)")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of packages, the only place where pip may look."""

    folder: Path

    def wheel(self, tag: str, name: str = "tiny", requires: str = "", data: tuple[str, ...] = ()) -> str:
        """Put a wheel of one module, and perhaps data, on the shelf, and return its digest."""
        path = self.folder / f"{name}-1.0-{tag}.whl"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        files = {
            f"{name}.py": f"TAG = {tag!r}\n",
            f"{name}-1.0.dist-info/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
            f"{name}-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n",
        } | dict.fromkeys(data, "{}")
        record = [f"{file},sha256={_digest(text)},{len(text)}\n" for file, text in files.items()]
        with zipfile.ZipFile(path, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
            archive.writestr(f"{name}-1.0.dist-info/RECORD", "".join(record) + f"{name}-1.0.dist-info/RECORD,,\n")
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def sdist(self) -> str:
        """Put a source distribution on the shelf that would build without a network, and return its digest."""
        self.wheel(PURE)
        wheel = self.folder / f"tiny-1.0-{PURE}.whl"
        path = self.folder / "tiny-1.0.tar.gz"
        files = {"PKG-INFO": SDIST_METADATA, "pyproject.toml": SDIST_BUILD, "backend.py": SDIST_BACKEND}
        with tarfile.open(path, "w:gz") as archive:
            archive.add(wheel, f"tiny-1.0/{wheel.name}")
            for file, text in files.items():
                member = tarfile.TarInfo(f"tiny-1.0/{file}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        wheel.unlink()
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def build(self, requirements: str, architecture: str = "arm64") -> subprocess.CompletedProcess[str]:
        """Run the target as `sam build` does."""
        (self.folder / "requirements.txt").write_text(requirements, encoding="utf-8")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "MFLAGS"))
        }
        return subprocess.run(  # noqa: S603 - the project's own Makefile
            [str(shutil.which("make")), "-C", str(LAYER.parent), TARGETS[architecture]],
            env=inherited
            | {
                "ARTIFACTS_DIR": str(self.artifacts),
                "REQUIREMENTS": str(self.folder / "requirements.txt"),
                "PYTHON": sys.executable,
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_FIND_LINKS": str(self.folder),
                "PIP_NO_CACHE_DIR": "1",
                "PIP_NO_INDEX": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def built(self) -> str | None:
        """The tag of the wheel that went into the layer."""
        module = self.artifacts / "python" / "tiny.py"
        return module.read_text(encoding="utf-8").split("'")[1] if module.exists() else None


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _pin(*digests: str, name: str = "tiny") -> str:
    return " ".join([f"{name}==1.0", *(f"--hash=sha256:{digest}" for digest in digests)]) + "\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.mark.parametrize(("architecture", "own", "other"), [("arm64", ARM64, X86_64), ("x86_64", X86_64, ARM64)])
def test_of_both_architectures_wheels_each_layer_gets_its_own(
    shelf: Shelf, architecture: str, own: str, other: str
) -> None:
    answer = shelf.build(_pin(shelf.wheel(own), shelf.wheel(other)), architecture)
    assert (answer.returncode, shelf.built) == (0, own), answer.stderr


@pytest.mark.parametrize(("architecture", "other"), [("arm64", X86_64), ("x86_64", ARM64)])
def test_the_other_architectures_wheel_is_refused(shelf: Shelf, architecture: str, other: str) -> None:
    answer = shelf.build(_pin(shelf.wheel(other)), architecture)
    assert (answer.returncode != 0, shelf.built) == (True, None)
    assert "No matching distribution" in answer.stderr


def test_wheels_that_lambda_can_load_are_taken(shelf: Shelf) -> None:
    answer = shelf.build("".join(_pin(shelf.wheel(tag, name), name=name) for name, tag in NATIVE.items()))
    assert answer.returncode == 0, answer.stderr
    assert {one.stem for one in (shelf.artifacts / "python").glob("*.py")} == NATIVE.keys()


@pytest.mark.parametrize("tag", FOREIGN.values(), ids=FOREIGN)
def test_a_wheel_that_lambda_cannot_load_is_refused(shelf: Shelf, tag: str) -> None:
    answer = shelf.build(_pin(shelf.wheel(tag)))
    assert (answer.returncode != 0, shelf.built) == (True, None)


@pytest.mark.parametrize(
    ("hashes", "said"),
    [([OTHER_DIGEST], "DO NOT MATCH THE HASHES"), ([], "Hashes are required")],
    ids=["another file's hash", "no hash"],
)
def test_a_wheel_without_its_hash_is_refused(shelf: Shelf, hashes: list[str], said: str) -> None:
    shelf.wheel(PURE)
    answer = shelf.build(_pin(*hashes))
    assert (answer.returncode != 0, shelf.built) == (True, None)
    assert said in answer.stderr


def test_a_source_distribution_is_refused_whatever_its_hash(shelf: Shelf) -> None:
    answer = shelf.build(_pin(shelf.sdist()))
    assert (answer.returncode != 0, shelf.built) == (True, None)
    assert "No matching distribution found for tiny" in answer.stderr


def test_what_the_requirements_do_not_list_is_not_fetched(shelf: Shelf) -> None:
    digest = shelf.wheel(PURE, requires="other")
    shelf.wheel(PURE, name="other")
    answer = shelf.build(_pin(digest))
    assert answer.returncode == 0, answer.stderr
    found = {one.name for one in (shelf.artifacts / "python").iterdir()}
    assert found == {"__pycache__", "tiny-1.0.dist-info", "tiny.py"}


def test_the_layer_holds_bytecode_that_is_good_whatever_time_the_source_gets(shelf: Shelf) -> None:
    answer = shelf.build(_pin(shelf.wheel(PURE)))
    assert answer.returncode == 0, answer.stderr
    bytecode = (shelf.artifacts / "python" / "__pycache__" / "tiny.cpython-313.pyc").read_bytes()
    # PEP 552: by hash, and unchecked.
    assert int.from_bytes(bytecode[4:8], "little") == 0b01
    # No folder of whoever built it: one source, one layer.
    assert (b"/opt/python/tiny.py" in bytecode, str(shelf.folder).encode() in bytecode) == (True, False)


def test_of_botocores_models_only_those_of_services_that_the_gate_may_call_are_kept(shelf: Shelf) -> None:
    kept = {f"botocore/data/{name}" for name in ("endpoints.json", "sagemaker/1/a.json.gz", "sts/1/a.json")}
    others = {f"botocore/data/{name}" for name in ("ec2/1/a.json", "sagemaker-runtime/1/a.json", "sts2/sts/a.json")}
    answer = shelf.build(_pin(shelf.wheel(PURE, "botocore", data=(*kept, *others)), name="botocore"))
    assert answer.returncode == 0, answer.stderr
    found = (shelf.artifacts / "python").rglob("botocore/data/**/*.*")
    assert {str(one.relative_to(shelf.artifacts / "python")) for one in found if one.is_file()} == kept


def _pins(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Read a hashed requirement file in which every line must be a pin."""
    text = path.read_text(encoding="utf-8")
    joined = [re.sub(r"\s+", " ", line) for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines()]
    lines = [line for line in joined if line and not line.startswith("#")]
    matches = [PIN.fullmatch(line) for line in lines]
    assert [line for line, match in zip(lines, matches, strict=True) if match is None] == []
    found = [(match[1], match[2], frozenset(match[3].split())) for match in matches if match]
    assert len({name for name, _, _ in found}) == len(found)
    return {name: (version, hashes) for name, version, hashes in found}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_line_is_pinned_and_hashed_and_names_no_place(path: Path) -> None:
    assert _pins(path)
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"https?:|://|@ |--(?:extra-)?index|--find-links|--trusted-host", text) == []


def test_the_layer_holds_what_the_tests_ran_with() -> None:
    layer, dev = _pins(LAYER), _pins(ROOT / "requirements" / "dev.txt")
    assert layer == {name: dev.get(name) for name in layer}


def test_the_layer_holds_what_the_project_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=~! ]", one)[0] for one in project["dependencies"]}
    assert names - _pins(LAYER).keys() == set()
