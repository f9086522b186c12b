#!/usr/bin/env python3
"""Records behaviour vectors: runs requests on the inputs of vector files and writes what it does.

The inputs are those of existing vectors, whose old results are ignored, and of drafts without results.
"""
import argparse
import gc
import json
import pathlib
import signal
import sys
import warnings

import requests

from recorder import clock, exchange, pure

SECONDS_MAX = 10
_RESULTS = ("expect", "out", "error", "message")
_FIRST = ("id", "area", "about", "quirk")
_PLANTED = ("HookError", "GenError", "CookieConflictError")


class Stalled(BaseException):
    """One vector took longer than it may. No `Exception`: the client under test must not catch it."""


def _stalled(_signal, _frame):
    raise Stalled(f"still running after {SECONDS_MAX} s")


def is_draft(path: pathlib.Path) -> bool:
    """Drafts are read last, so that their rows follow the recorded ones."""
    return not path.name.startswith(("exchange-", "pure-"))


def free_number(document: dict) -> int:
    """One above the highest number at the end of an id; there may be gaps below."""
    ends = (row["id"].rpartition("-")[2] for row in rows_of(document))
    return 1 + max((int(end) for end in ends if end.isdecimal()), default=0)


def rows_of(document: dict) -> list[dict]:
    return document["vectors" if document["kind"] == "exchange" else "cases"]


def load(folder: pathlib.Path) -> dict[str, dict]:
    """All documents by the name of the file that they belong into, with the old results."""
    documents: dict[str, dict] = {}
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.json"), key=lambda path: (is_draft(path), path.name)):
        source = json.loads(path.read_text(encoding="utf-8"))
        kind = source["kind"]
        rows, subject = ("vectors", "area") if kind == "exchange" else ("cases", "fn")
        name = f"{kind}-{source[subject]}.json"
        head = {"format": 1, "kind": kind, subject: source[subject]}
        document = documents.setdefault(name, {**head, rows: []})
        for row in source[rows]:
            if kind == "exchange":
                row = {"id": row["id"], "area": source["area"], **row}
            else:
                row = {"id": f"{source['fn']}-{free_number(document):03d}", **row}
            if row["id"] in seen:
                sys.exit(f"{row['id']} is in {seen[row['id']]} and in {path.name}")
            seen[row["id"]] = path.name
            document[rows].append(row)
    return documents


def record(document: dict, row: dict) -> dict:
    """The row with a fresh result, in a fixed order of keys."""
    new = {name: value for name, value in row.items() if name not in _RESULTS}
    # A remark that came from the old result goes with it.
    if new.get("quirk") == escaped(row):
        new.pop("quirk", None)
    signal.alarm(SECONDS_MAX)
    try:
        if document["kind"] == "exchange":
            new["expect"] = exchange.run(new)
        else:
            new |= pure.run(document["fn"], new["in"])
    except BaseException as failure:
        raise SystemExit(f"{row['id']}: {type(failure).__name__}: {failure}") from failure
    finally:
        signal.alarm(0)
    # As a reader of the file sees it: tuples are lists there.
    new = json.loads(json.dumps(new))
    if remark := escaped(new):
        new.setdefault("quirk", remark)
    first, last = ([name for name in names if name in new] for names in (_FIRST, _RESULTS))
    return {name: new[name] for name in [*first, *sorted(new.keys() - {*first, *last}), *last]}


def escaped(row: dict) -> str | None:
    """A remark on the first error in a result that is neither requests' own nor planted by the scenario."""
    kinds = [row["error"]] if "error" in row else []
    for call in row.get("expect", {}).get("calls", []):
        found = [part["error"]["kind"] for part in [call, *call.get("reads", [])] if "error" in part]
        # A KeyError is the documented answer of operations on cookies and headers.
        kinds += [kind for kind in found if not ("op" in call and kind == "KeyError")]
    foreign = (kind for kind in kinds if kind not in _PLANTED and not hasattr(requests.exceptions, kind))
    return next((f"escapes as {kind}" for kind in foreign), None)


def differences(old, new, place="$"):
    """Where two JSON values differ, as lines."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{place}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new)):
            yield from differences(*pair, f"{place}[{number}]")
    elif old != new:
        yield f"  {place}: {json.dumps(old)[:300]} -> {json.dumps(new)[:300]}"


def dump(document: dict) -> str:
    """One row a line, which keeps diffs readable."""
    *head, (name, rows) = document.items()
    start = json.dumps(dict(head))[:-1]
    return f'{start}, "{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, metavar="VECTOR_DIR")
    parser.add_argument("--check", action="store_true", help="list what differs from the results there")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", help="write the vectors to DIR")
    parser.add_argument("--only", metavar="ID", help="take one vector only (not with --out)")
    parser.add_argument("--print", action="store_true", dest="show", help="print the vectors")
    wanted = parser.parse_args()
    if not (wanted.check or wanted.out or wanted.show) or (wanted.out and wanted.only):
        parser.error("one of --check, --out and --print is needed, and --only does not go with --out")
    sys.exit(1 if run(wanted) else 0)


def run(wanted) -> int:
    """Records and does what is wanted; gives the number of differences."""
    clock.install()
    signal.signal(signal.SIGALRM, _stalled)
    warnings.simplefilter("ignore")
    gc.freeze()
    documents, counts, different = load(wanted.folder), {"exchange": 0, "pure": 0}, 0
    for document in documents.values():
        rows = rows_of(document)
        for number, old in enumerate(rows):
            if wanted.only not in (None, old["id"]):
                continue
            rows[number] = new = record(document, old)
            counts[document["kind"]] += 1
            if wanted.show:
                print(json.dumps(new, indent=1))
            if wanted.check and old != new:
                different += 1
                print(f"differs: {old['id']}", *differences(old, new), sep="\n")
        gc.collect()
    if not sum(counts.values()):
        sys.exit("no such vector")
    if wanted.out:
        wanted.out.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            (wanted.out / name).write_text(dump(document), encoding="utf-8")
    if not wanted.show:
        tail = f", {different} differences" if wanted.check else ""
        print(f"{counts['exchange']} exchange vectors, {counts['pure']} pure cases{tail}")
    return different


if __name__ == "__main__":
    main()
