"""What a vector finds around itself: environment variables, files below HOME, certificates."""
import contextlib
import os
import pathlib
import shutil
import tempfile

from .values import octets

CERTS = pathlib.Path(__file__).resolve().parent.parent / "certs"
HOME_PREFIX = "recorder-home-"


def locate(form, home: pathlib.Path):
    """`@files/x` and `@certs/x` as paths, alone or in a list; everything else stays."""
    if isinstance(form, list):
        return tuple(locate(part, home) for part in form)
    for mark, folder in (("@files", home), ("@certs", CERTS)):
        if form == mark:
            return str(folder)
        if isinstance(form, str) and form.startswith(mark + "/"):
            return str(folder / form[len(mark) + 1 :])
    return form


@contextlib.contextmanager
def surroundings(env: dict | None, files: dict | None):
    """Gives a new HOME with `files` in it; the environment is that and `env`, nothing else."""
    before = dict(os.environ)
    home = pathlib.Path(tempfile.mkdtemp(prefix=HOME_PREFIX))
    try:
        for name, content in (files or {}).items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets(content))
        os.environ.clear()
        os.environ["HOME"] = str(home)
        os.environ.update({name: locate(value, home) for name, value in (env or {}).items()})
        yield home
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def replaced(*changes):
    """Sets attributes, each given as (object, name, value), and puts the old ones back."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    try:
        for change in changes:
            setattr(*change)
        yield
    finally:
        for change in before:
            setattr(*change)
