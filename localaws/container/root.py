"""The root folder of a Lambda-like image, as a tar file: this machine's CPython, Lambda's runtime client, a shell.

It is no copy of AWS's image: the C library is this machine's. boto3 is left out, so that it can only come from the
layer.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "container.txt"
CACHE = ROOT / ".cache" / "sam-local"
PYTHON = f"python{sysconfig.get_python_version()}"

# `sam local invoke` adds AWS's emulator of the runtime interface with these (samcli, LambdaImage._generate_dockerfile).
_TOOLS = ("sh", "mv", "chmod")
_LEFT_OUT = re.compile(
    r"test|tests|idlelib|ensurepip|tkinter|turtledemo|site-packages|dist-packages|config-.*|_tkinter.*"
)
# What wheels may expect of every machine, beyond what the interpreter needs (PEP 599, "Key changes", and PEP 571).
_PROMISED = (
    *("libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libnsl.so.1", "libpthread.so.0"),
    *("libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libutil.so.1"),
)
_LIBRARY = re.compile(r"(/\S+) \(0x[0-9a-f]+\)")
# Where Lambda looks for modules besides the function's folder: the layer's, then the runtime's own.
_BOOTSTRAP = f"""\
#!/bin/sh
export PYTHONPATH=/opt/python/lib/{PYTHON}/site-packages:/opt/python:/var/runtime
exec /var/lang/bin/{PYTHON} -m awslambdaric "$_HANDLER"
"""


def make() -> Path:
    """Return the tar file, made unless the cache holds one of the same lock, interpreter and recipe."""
    parts = (LOCK.read_bytes(), Path(__file__).read_bytes(), sys.version.encode(), sys.base_prefix.encode())
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    made = CACHE / f"root-{key}.tar"
    if not made.exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as runtime:
            _install(runtime)
            unfinished = made.with_suffix(".unfinished")
            _write(unfinished, Path(runtime))
        unfinished.rename(made)
    return made


def _install(target: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    options = ("--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
    command = (uv, "pip", "install", *options, "--python", sys.executable, "--target", target, "--requirements", LOCK)
    subprocess.run(command, check=True)  # noqa: S603 - fixed arguments


def _write(path: Path, runtime: Path) -> None:
    # What is a link here may point out of what is copied.
    with tarfile.open(path, "w", dereference=True) as tar:
        for folder, mode in (("tmp", 0o1777), ("opt", 0o755), ("proc", 0o555), ("var/task", 0o755)):
            _add(tar, folder, mode)
        _add(tar, "var/runtime/bootstrap", 0o755, _BOOTSTRAP)
        tar.add(runtime, "var/runtime", filter=_without_the_unneeded)
        stdlib = Path(sysconfig.get_path("stdlib"))
        tar.add(stdlib, f"var/lang/{sys.platlibdir}/{PYTHON}", filter=_without_the_unneeded)
        interpreter = Path(sys.executable).resolve()
        tar.add(interpreter, f"var/lang/bin/{PYTHON}")
        tools = [Path(found).resolve() for found in map(shutil.which, _TOOLS) if found]
        for name, tool in zip(_TOOLS, tools, strict=True):
            tar.add(tool, f"bin/{name}")
        for library in _libraries((interpreter, *tools, *_extensions(stdlib), *_extensions(runtime))):
            if not library.is_relative_to(runtime):
                tar.add(library, str(library).lstrip("/"))
            # A relocatable interpreter looks beside itself.
            if library.name == sysconfig.get_config_var("INSTSONAME"):
                tar.add(library, f"var/lang/lib/{library.name}")


def _add(tar: tarfile.TarFile, name: str, mode: int, text: str | None = None) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode = mode
    entry.type = tarfile.DIRTYPE if text is None else tarfile.REGTYPE
    entry.size = len((text or "").encode())
    tar.addfile(entry, io.BytesIO((text or "").encode()))


def _without_the_unneeded(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if _LEFT_OUT.fullmatch(Path(entry.name).name) else entry


def _extensions(folder: Path) -> Iterator[Path]:
    for found in folder.rglob("*.so"):
        if not any(_LEFT_OUT.fullmatch(part) for part in found.relative_to(folder).parts):
            yield found


def _libraries(binaries: Iterable[Path]) -> list[Path]:
    """List what the dynamic linker loads for these, the linker itself included, where it finds it."""
    # It reports a static binary as an error.
    listed = subprocess.run(("ldd", *binaries), check=False, capture_output=True, text=True)  # noqa: S603, S607
    found = {Path(os.path.normpath(path)) for path in _LIBRARY.findall(listed.stdout)}
    beside = {path.with_name(name) for path in found if path.name == "libc.so.6" for name in _PROMISED}
    return sorted(found | {path for path in beside if path.exists()})


if __name__ == "__main__":
    try:
        print(make())
    except subprocess.CalledProcessError as error:
        sys.exit(f"sam-local: the runtime client cannot be installed: uv ended with {error.returncode}")
