#!/usr/bin/env python3
"""Makes inputs of corpora that carry other licences: `foreign.py DATA CORPUS`.

They are read where they are and written to the fuzzer's working folder, which is not kept.
"""

import base64
import json
import pathlib
import sys

data, corpus = map(pathlib.Path, sys.argv[1:3])


def write(target, name, content):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) < 4096:
        (folder / name).write_bytes(content)


def answers(case):
    """The responses of a case: its own bytes, or all that its server may send."""
    texts = [case.get("b64"), *(case.get("replies") or {}).values()]
    return [base64.b64decode(text) for text in texts if isinstance(text, str)]


def cases(path):
    text = json.loads(path.read_text())
    found = text.get("cases", text) if isinstance(text, dict) else text
    return [case for case in found if isinstance(case, dict)]


paths = [*sorted(data.glob("responses/*.json")), data / "curl/cases.json"]
for path in paths:
    for case in cases(path):
        for place, answer in enumerate(answers(case)):
            name = f"{path.stem}-{case.get('id', case.get('line'))}-{place}".replace("/", "_")
            write("response_head", name, b"\0" + answer)
            write("body_framing", name, b"\0\3" + answer)
            write("differential_http", name, b"\0\3" + answer)

for number, case in enumerate(cases(data / "http-state/dates.json")):
    write("cookie_date", f"http-state-{number}", case["text"].encode())

for case in cases(data / "http-state/cookies.json"):
    fields = [case["set_from"], case["request"], "0", *case["set_cookie"]]
    content = b"\xfe".join(field.encode("latin-1", "replace") for field in fields)
    write("set_cookie", f"http-state-{case['id']}", content)
