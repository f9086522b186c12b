"""Request bodies: `data` and `files` (FORMAT.md, section 3.2)."""
import io

from .values import mapping, octets, text_or_octets


class GenError(Exception):
    """The failure that a scenario plants in a generator."""


def _generate(items):
    for item in items:
        if isinstance(item, dict) and "raise" in item:
            raise GenError(item["raise"])
        yield text_or_octets(item)


class _Iterable:
    """Can be iterated any number of times and has no length."""

    def __init__(self, items):
        self._items = [text_or_octets(item) for item in items]

    def __iter__(self):
        return iter(self._items)


class _NamedFile(io.BytesIO):
    name = ""


def _file(content: bytes, position: int, name=None):
    made = io.BytesIO(content) if name is None else _NamedFile(content)
    if name is not None:
        made.name = name
    made.seek(position)
    return made


class _ScriptedFile:
    """A file object with the abilities that the vector lists: there, missing, or failing."""

    def __init__(self, spec):
        self._file = _file(octets(spec["content"]), spec.get("pos", 0))
        for ability in ("seek", "tell"):
            state = spec.get(ability, True)
            if state:
                works = state != "fails"
                setattr(self, ability, getattr(self._file, ability) if works else self._fail)
        for attribute in ("len", "name"):
            if spec.get(attribute) is not None:
                setattr(self, attribute, spec[attribute])

    @staticmethod
    def _fail(*_args):
        raise OSError("this file object cannot do that")

    def read(self, size=-1):
        return self._file.read(size)

    def __iter__(self):
        return iter(self._file)


def data(form):
    """The `data` argument."""
    match form:
        case {"generator": items}:
            return _generate(items)
        case {"iterable": items}:
            return _Iterable(items)
        case {"text_filelike": text}:
            return io.StringIO(text)
        case {"filelike": spec} if spec.get("plain"):
            return _file(octets(spec["content"]), spec.get("pos", 0))
        case {"filelike": spec}:
            return _ScriptedFile(spec)
    return mapping(form)


def _field(spec):
    """One entry of `files`; the shortest tuple that holds what the vector gives."""
    match spec.get("content"):
        case None:
            content = None
        case {"text": content}:
            pass
        case form:
            content = octets(form)
    if named := spec.get("fileobj"):
        content = _file(content, spec.get("pos", 0), None if named is True else named)
    if not {"filename", "content_type", "headers"} & set(spec):
        return content
    value = [spec.get("filename"), content]
    if "content_type" in spec or "headers" in spec:
        value.append(spec.get("content_type"))
    if "headers" in spec:
        value.append(dict(spec["headers"]))
    return tuple(value)


def files(form):
    """The `files` argument."""
    return None if form is None else [(text_or_octets(spec["name"]), _field(spec)) for spec in form]
