"""Response hooks by name, with a log of their invocations (FORMAT.md, section 3.4)."""
import requests


class HookError(Exception):
    """The failure that a scenario plants in a hook."""


class Hooks:
    """Makes hooks that share one log; `log` is emptied by whoever reads it."""

    def __init__(self):
        self.log: list[list] = []

    def events(self, form):
        """The `hooks` argument: names become functions, alone or in lists."""
        if form is None:
            return None
        return {
            event: self._hook(names) if isinstance(names, str) else [self._hook(name) for name in names]
            for event, names in form.items()
        }

    def _hook(self, name: str):
        kind, _, argument = name.partition(":")
        act = _ACTIONS[kind]

        def hook(response, *_args, **options):
            self.log.append([name, response.status_code, response.url])
            return act(self.log, response, argument, options)

        hook.hook_name = name
        return hook


def _set_status(_log, response, argument, _options):
    response.status_code = int(argument)


def _set_header(_log, response, argument, _options):
    name, _, value = argument.partition("=")
    response.headers[name] = value


def _drop_header(_log, response, argument, _options):
    response.headers.pop(argument, None)


def _read(_log, response, _argument, _options):
    response.content  # noqa: B018 - the property reads the body


def _raise(_log, _response, argument, _options):
    raise HookError(argument)


def _note_options(log, _response, _argument, options):
    log[-1].append(sorted(options))


def _replace(_log, response, argument, _options):
    new = requests.Response()
    new.status_code, new.reason, new.url = int(argument), "Replaced", "hook://replaced"
    new._content, new._content_consumed = b"replaced by hook", True
    new.request = response.request
    return new


def _resend(log, response, _argument, options):
    """Once a call: the same request again, with the first response as history of the second."""
    if ["resent"] in log:
        return None
    log.append(["resent"])
    response.content  # noqa: B018
    response.close()
    new = response.connection.send(response.request.copy(), **options)
    new.history.append(response)
    return new


_ACTIONS = {
    "note": lambda *_: None,
    "same": lambda _log, response, *_: response,
    "status": _set_status,
    "header": _set_header,
    "drop_header": _drop_header,
    "read": _read,
    "raise": _raise,
    "kwargs": _note_options,
    "replace": _replace,
    "resend": _resend,
}
