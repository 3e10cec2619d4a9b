"""tests/interop/packages.py - Python packages of a test: those of this interpreter, else of a virtual environment made for it."""
import importlib
import os
import subprocess
import sys

SKIPPED = 77


def _skip(reason):
    print(f"SKIP {os.path.splitext(os.path.basename(sys.argv[0]))[0]}: {reason}")
    sys.exit(SKIPPED)


def ensure(work, name, modules, packages):
    """Imports `modules`; else makes WORK/NAME with `packages` and runs the calling program again in it. Ends with 77 when that fails."""
    try:
        for module in modules:
            importlib.import_module(module)
        return
    except ImportError as missing:
        reason = str(missing)
    venv = os.path.join(os.path.abspath(work), name)
    python = os.path.join(venv, "bin", "python")
    if os.environ.get("TD_INTEROP") == venv:
        _skip(reason)
    os.makedirs(work, exist_ok=True)
    made = os.path.exists(python) or subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True).returncode == 0
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages
    if not made or subprocess.run(install, capture_output=True, timeout=280).returncode != 0:
        _skip(", ".join(packages) + " cannot be installed here")
    os.environ["TD_INTEROP"] = venv
    os.execv(python, [python] + sys.argv)
