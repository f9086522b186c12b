"""The time that cookies and retries see: it stands still, and waiting only gets written down."""
import http.cookiejar
import time

import requests.cookies
import urllib3.util.retry

START = 1_700_000_000


class Clock:
    """Stands in for the `time` module."""

    def __init__(self):
        self.reset()

    def reset(self, now: float = START):
        self.now = now
        self.sleeps: list[float] = []

    def time(self) -> float:
        return float(self.now)

    def sleep(self, seconds: float):
        self.sleeps.append(seconds)

    def __getattr__(self, name):
        return getattr(time, name)


CLOCK = Clock()


def install():
    """Replaces the clock of the modules with state that ages; sockets keep the real one."""
    for module in (http.cookiejar, requests.cookies, urllib3.util.retry):
        module.time = CLOCK
