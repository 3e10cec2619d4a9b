#!/usr/bin/env python3
"""tools/mutate.py - takes each gate, each sync and each bounds check out in turn and asks whether a test fails.

usage: mutate.py [gates|syncs|bounds ...] [--jobs N] [--seconds S] [--tests REGEX] [--only REGEX] [--page]
       mutate.py --list                            what would be taken out
       mutate.py --write KIND FOLDER SOURCE...     the rewritten sources alone, for a program of the usual build
       mutate.py --run PROGRAM FOLDER              each of them in that program; 1 when one survives

The tree is copied to build/mutate/tree. There every check is rewritten once, so that it does its work unless the
environment's TD_MUTANT is its number; one build then serves all, and one run is one check taken out. A check also marks,
in the file TD_MUTANT_MARKS, that it said no (or, of a sync, that it was called). A test that passes without that
cannot notice that the check is gone, so only the others are run, quickest first, until one fails.
Results: build/mutate.tsv; --page writes the survivors into docs/testing.md. tools/mutate.known says why one may stay.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, "build", "mutate")
TREE = os.path.join(OUT, "tree")
BUILD = os.path.join(TREE, "build", "dev")
TSV = os.path.join(ROOT, "build", "mutate.tsv")
PAGE = os.path.join(ROOT, "docs", "testing.md")
KNOWN = os.path.join(ROOT, "tools", "mutate.known")
KINDS = ("gates", "syncs", "bounds")
MARKS_MAX = 4096  # mutants; the size of a file of marks
TESTS = r"^(wire|market|store|trade|desk)/|^trial/(?!seeds)|^faults/(kill|recording)$"
BOUNDS = ("src/wire", "src/market", "src/store")
SYNCS = ("src/base", "src/sys/world.c", "src/store", "src/trade", "src/desk")

HEADER = """/* base/mutant.h - a check that can be taken out: made by tools/mutate.py, no part of the product. */
#ifndef TD_BASE_MUTANT_H
#define TD_BASE_MUTANT_H
#include <stdbool.h>
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" /* what the check kept away */
#endif
extern int td_mutant;
extern unsigned char *td_mutant_marks;
static inline bool td_mutant_here(int n)
{
    td_mutant_marks[n] = 1;
    return n == td_mutant;
}
/* The check's "no": false when it is taken out. */
static inline bool td_mutant_if(int n, bool no)
{
    return no && !td_mutant_here(n);
}
/* A fact of the gates: 2 is yes. */
static inline int td_mutant_fact(int n, int fact)
{
    return fact != 2 && td_mutant_here(n) ? 2 : fact;
}
#endif
"""
SOURCE = """/* base/mutant.c - which check is out, and what was reached: made by tools/mutate.py, no part of the product. */
#define _GNU_SOURCE
#include "base/mutant.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
static unsigned char none[%d];
int td_mutant = -1;
unsigned char *td_mutant_marks = none;
__attribute__((constructor)) static void begin(void)
{
    const char *out = getenv("TD_MUTANT"), *path = getenv("TD_MUTANT_MARKS");
    const int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (out)
        td_mutant = (int)strtol(out, NULL, 10);
    if (at != MAP_FAILED)
        td_mutant_marks = at;
}
""" % MARKS_MAX

# kind, file, the text as it stands, the text with the check that can go ({n}), what is gone. Each stands there once.
BY_HAND = [
    ("gates", "src/desk/desk_release.c", "return desk_may_order(d) ? TD_OK : TD_ECLOSED;",
     "return !td_mutant_if({n}, !desk_may_order(d)) ? TD_OK : TD_ECLOSED;", "release: the session is not ready"),
    ("gates", "src/desk/desk_release.c", "TD_ROLE_SLICE || desk_child_fits(d, o))",
     "TD_ROLE_SLICE || !td_mutant_if({n}, !desk_child_fits(d, o)))", "release: the child counter"),
    ("gates", "src/desk/desk_release.c", "if (fits)", "if (!td_mutant_if({n}, !fits))",
     "release: the order is still the one that waits"),
    ("gates", "src/desk/desk_release.c", "!err && room_at(d, mono) > mono;",
     "!err && td_mutant_if({n}, room_at(d, mono) > mono);", "release: the pace"),
    ("gates", "src/desk/desk_children.c", "return c.filled <= parent->now.qty.e9 &&",
     "return !td_mutant_if({n}, !(c.filled <= parent->now.qty.e9)) &&", "children: filled is at most the parent"),
    ("gates", "src/desk/desk_children.c", "c.out <= parent->now.qty.e9 - c.filled;",
     "!td_mutant_if({n}, !(c.out <= parent->now.qty.e9 - c.filled));", "children: working is at most the rest"),
    ("gates", "src/desk/desk_reload.c", "return d->reload.waits ||", "return td_mutant_if({n}, d->reload.waits) ||",
     "reload: entries wait for the records"),
    ("gates", "src/desk/desk_reload.c", "(d->config.reload && d->config.reload->refused);",
     "td_mutant_if({n}, d->config.reload && d->config.reload->refused);", "reload: entries wait after a refusal"),
    ("gates", "src/desk/desk_reload.c", "return !s->allow_orders ||", "return td_mutant_if({n}, !s->allow_orders) ||",
     "reload, release: ALLOW_ORDERS"),
    ("gates", "src/desk/desk_reload.c", "(d->reload.waits && forbids_orders(",
     "(td_mutant_if({n}, d->reload.waits) && forbids_orders(", "release: what switches off counts while it waits"),
    ("gates", "src/desk/desk_reload.c", "s->dry_run", "td_mutant_if({n}, s->dry_run)",
     "reload, release: DRY_RUN"),
    ("gates", "src/desk/desk_reload.c", "|| !s->order_exec;", "|| td_mutant_if({n}, !s->order_exec);",
     "reload, release: ENABLE_ORDER_EXEC"),
    ("gates", "src/desk/desk_reload.c", "!exits && (desk_reload_holds(d) ||",
     "!exits && (td_mutant_if({n}, desk_reload_holds(d)) ||", "reload, release: entries are held"),
    ("gates", "src/desk/desk_reload.c", "p->settings != d->reload.number);",
     "td_mutant_if({n}, p->settings != d->reload.number));", "reload, release: approved by older settings"),
    ("gates", "src/desk/desk_facts.c", "fact(!d->blotter.halted &&", "fact(!td_mutant_if({n}, d->blotter.halted) &&",
     "not_halted: the halt"),
    ("gates", "src/desk/desk_facts.c", "!d->switch_seen", "!td_mutant_if({n}, d->switch_seen)",
     "not_halted: the kill switch file"),
    ("gates", "src/desk/desk_facts.c", "&& !desk_reload_holds(d));", "&& !td_mutant_if({n}, desk_reload_holds(d)));",
     "not_halted: the reload holds"),
    ("gates", "src/desk/desk_orders.c", "if (d->pending_count == DESK_PENDING_MAX) {",
     "if (td_mutant_if({n}, d->pending_count == DESK_PENDING_MAX)) {", "orders: room for one more that waits"),
    ("syncs", "src/desk/desk_release.c", "p->seq <= durable &&", "!td_mutant_if({n}, !(p->seq <= durable)) &&",
     "bytes wait until the order's record is durable"),
    ("syncs", "src/desk/desk_reload.c", "td_writer_durable(d->writer) >= d->reload.wait_seq)",
     "!td_mutant_if({n}, !(td_writer_durable(d->writer) >= d->reload.wait_seq)))",
     "settings wait until their records are durable"),
]


def closing(text, at):
    """Where the bracket that opens at `at` closes."""
    depth, i = 0, at
    while i < len(text):
        c = text[i]
        if c in "\"'":
            i += 1
            while text[i] != c:
                i += 2 if text[i] == "\\" else 1
        elif text.startswith("/*", i):
            i = text.index("*/", i) + 1
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth:
                return i
        i += 1
    raise ValueError("a bracket that never closes")


def function_at(text, at):
    name = "?"
    for m in re.finditer(r"^[a-z][\w \*]*?\b(\w+)\([^;]*?\)\n\{", text[:at + 1], re.M):
        name = m.group(1)
    return name


class Source:
    """One file's edits: found in the text as it is, made from the end."""

    def __init__(self, path, text):
        self.path, self.text, self.edits, self.rows = path, text, [], []

    def add(self, kind, start, end, new, what):
        """`new` holds {n}. A pattern's edit gives way to one that stands there already."""
        if any(start < e and s < end for s, e, _, _ in self.edits):
            return
        row = {"kind": kind, "file": self.path, "line": self.text.count("\n", 0, start) + 1,
               "where": function_at(self.text, start), "what": " ".join(what.split())}
        self.edits.append((start, end, new, row))
        self.rows.append(row)

    def written(self):
        text = self.text
        for start, end, new, row in sorted(self.edits, key=lambda e: -e[0]):
            text = text[:start] + new.replace("{n}", str(row["n"])) + text[end:]
        return '#include "base/mutant.h"\n#line 1 "%s"\n' % os.path.join(TREE, self.path) + text


def find_ifs(s, kind, wanted, start=0, end=None):
    """`if (cond) statement` where wanted(cond, statement): the condition is never true."""
    for m in re.finditer(r"\bif \(", s.text[start:end]):
        at = start + m.end() - 1
        stop = closing(s.text, at)
        cond = s.text[at + 1:stop]
        rest = s.text[stop + 1:].lstrip()
        body = rest[:closing(rest, 0) + 1] if rest.startswith("{") else rest[:rest.index(";") + 1]
        if wanted(cond, body):
            s.add(kind, at + 1, stop, "td_mutant_if({n}, " + cond + ")", "if (%s)" % cond)


def find_returns(s, kind):
    """return cond ? TD_OK : TD_ERANGE; and the other way round."""
    errors = r"TD_E(?:RANGE|FULL|PROTO|TRUNC)\b"
    for m in re.finditer(r"\breturn ([^;?]+?)\s+\? (TD_OK\s*: %s|%s\s*:)" % (errors, errors), s.text):
        good = m.group(2).startswith("TD_OK")
        new = ("!td_mutant_if({n}, !(%s))" if good else "td_mutant_if({n}, %s)") % m.group(1)
        s.add(kind, m.start(1), m.end(1), new, m.group(0))


def find_calls(s, kind, names):
    """name(...): as if it had gone well."""
    for m in re.finditer(r"\b(%s)\(" % names, s.text):
        if s.text.rfind("\n", 0, m.start()) == m.start() - 1 or "enum td_err " + m.group(1) in s.text[m.start() - 12:m.end()]:
            continue  # its own definition
        stop = closing(s.text, m.end() - 1) + 1
        call = s.text[m.start():stop]
        s.add(kind, m.start(), stop, "(td_mutant_here({n}) ? TD_OK : " + call + ")", call)


def find_gates(s):
    """Every row of the table, at each place that asks one; the row's number is added to the first."""
    for m in re.finditer(r"rows\[gate\]\.open\(&q\)", s.text):
        s.edits.append((m.start(), m.end(), "!td_mutant_if({n} + (int)gate, !rows[gate].open(&q))", s.gate_row))


def find_facts(s):
    begin = s.text.index("static void position_facts")
    for m in re.finditer(r"^( +)out->(\w+) = ([^;]*);", s.text[begin:], re.M):
        name, value = m.group(2), m.group(3)
        at = begin + m.start(3)
        if name == "not_halted" or value.startswith(("TD_FACT_YES", "out->not_")):
            continue  # its parts are taken out one by one; what is yes already cannot be made so
        if re.match(r"(fact|market_fact|window_fact|book_fact|desk_\w*_fact)\(", value):
            s.add("gates", at, at + len(value), "(enum td_fact)td_mutant_fact({n}, (int)%s)" % value, "fact %s is yes" % name)
        else:
            line = begin + m.start() + len(m.group(1))
            s.add("gates", line, begin + m.end(), "if (!td_mutant_here({n})) { %s }" % m.group(0).strip(), "%s is left 0" % name)


def is_bound(cond, body):
    if re.search(r"TD_E(RANGE|FULL|PROTO|TRUNC)\b", body) and body.count(";") <= 4:
        return True
    compares = re.search(r"[^-<>](<=?|>=?|==)[^<>]", cond)
    named = re.search(r"\b(cap|len|size|left|end|room|rest|sizeof|\w*_(len|cap|end|size))\b|_MAX\b", cond)
    return bool(compares and named and re.match(r"\{?\s*(return|break|goto)\b", body) and "TD_OK" not in body)


def sources(root, kinds, wanted=None):
    """Every file with its edits; or of those wanted alone."""
    found = []
    listed = (os.path.relpath(os.path.join(f, n), root) for f, _, names in os.walk(os.path.join(root, "src")) for n in names)
    for path in sorted(p for p in listed if p.endswith(".c") and (not wanted or p in wanted)):
        with open(os.path.join(root, path), encoding="utf-8") as f:
            s = Source(path, f.read())
        for kind, file, old, new, what in BY_HAND:
            if file != path or kind not in kinds:
                continue
            if s.text.count(old) != 1:
                sys.exit("mutate: %s: '%s' stands there %d times; bring BY_HAND of tools/mutate.py up to date"
                         % (path, old, s.text.count(old)))
            at = s.text.index(old)
            before = len(s.rows)
            s.add(kind, at, at + len(old), new, what)
            if len(s.rows) == before:
                sys.exit("mutate: %s: '%s' meets another row of BY_HAND" % (path, old))
        if "gates" in kinds and path == "src/desk/desk_release.c":
            at = s.text.index("static enum td_err may_leave")
            find_ifs(s, "gates", lambda c, b: True, at, s.text.index("\n}", at))
        if "gates" in kinds and path == "src/desk/desk_facts.c":
            find_facts(s)
        if "syncs" in kinds and path.startswith(SYNCS):
            find_calls(s, "syncs", "td_file_sync|td_folder_sync")
        if "bounds" in kinds and path.startswith(BOUNDS):
            find_ifs(s, "bounds", is_bound)
            find_returns(s, "bounds")
        if s.rows or ("gates" in kinds and path == "src/trade/risk.c"):
            found.append(s)
    return found


def gate_names(root):
    with open(os.path.join(root, "src/trade/risk.h"), encoding="utf-8") as f:
        text = f.read()
    table = text[text.index("#define TD_GATES(X)"):text.index("#define TD_GATE_ROW")]
    return re.findall(r"\bX\(([A-Z_]+),", table)


def number(root, kinds, wanted=None):
    """The mutants of these kinds, and the sources that hold them."""
    found, mutants = sources(root, kinds, wanted), []
    for s in found:
        if s.path == "src/trade/risk.c" and "gates" in kinds:
            s.gate_row = {"n": len(mutants)}
            for name in gate_names(root):
                at = s.text.index("static bool %s(" % name)
                mutants.append({"kind": "gates", "file": s.path, "line": s.text.count("\n", 0, at) + 1, "where": name,
                                "what": "gate %s is open" % name})
            find_gates(s)
        mutants += s.rows
    for n, row in enumerate(mutants):
        row["n"] = n
    if len(mutants) > MARKS_MAX:
        sys.exit("mutate: %d checks, %d are possible: raise MARKS_MAX" % (len(mutants), MARKS_MAX))
    return mutants, found


def put(path, text):
    """Only when it changes: what is as it was is not compiled again."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def copy_tree(found):
    rewritten = {s.path: s.written() for s in found}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for path in filter(None, listed):
        source, target = os.path.join(ROOT, path), os.path.join(TREE, path)
        if path in rewritten:
            put(target, rewritten[path])
        elif os.path.isfile(source) and not (os.path.exists(target) and same(source, target)):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    put(os.path.join(TREE, "src/base/mutant.h"), HEADER)
    put(os.path.join(TREE, "src/base/mutant.c"), SOURCE)


def same(a, b):
    with open(a, "rb") as f, open(b, "rb") as g:
        return f.read() == g.read()


def build(tests_wanted, jobs):
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(["cmake", "--preset", "dev"], cwd=TREE, check=False, **quiet)
    if done.returncode:
        sys.exit("mutate: the copy cannot be configured\n" + done.stdout)
    names = [t["name"].rsplit("/", 1)[-1] for t in list_tests(tests_wanted)]
    targets = sorted({n if n.endswith("_test") else n + "_test" for n in names} | {"tapedeck"})
    print("mutate: building %d programs in %s" % (len(targets), os.path.relpath(BUILD, ROOT)), flush=True)
    done = subprocess.run(["cmake", "--build", BUILD, "-j", str(jobs), "--target"] + targets, check=False, **quiet)
    if done.returncode:
        sys.exit("mutate: the copy does not compile\n" + "\n".join(done.stdout.splitlines()[-40:]))
    tests = []
    for t in list_tests(tests_wanted): # again: only what is built has its command
        of = {p["name"]: p["value"] for p in t.get("properties", [])}
        tests.append({"name": t["name"], "command": t["command"], "env": of.get("ENVIRONMENT", []),
                      "timeout": of.get("TIMEOUT", 120)})
    return tests


def list_tests(wanted):
    shown = subprocess.run(["ctest", "--test-dir", BUILD, "--show-only=json-v1"], capture_output=True, text=True, check=True)
    return [t for t in json.loads(shown.stdout)["tests"] if re.search(wanted, t["name"])]


def run(test, mutant, limit, marks=None):
    """0 passed, 1 failed, 2 took too long; and the seconds it took. A folder of its own, and a group that is ended."""
    env = dict(os.environ, TD_MUTANT=str(mutant))
    env.update(e.split("=", 1) for e in test["env"])
    if marks:
        env["TD_MUTANT_MARKS"] = marks
    with tempfile.TemporaryDirectory(prefix="run-", dir=OUT, ignore_cleanup_errors=True) as folder:
        begin = time.monotonic()
        p = subprocess.Popen(test["command"], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            result = 1 if p.wait(timeout=limit) else 0
        except subprocess.TimeoutExpired:
            result = 2
        try:
            os.killpg(p.pid, signal.SIGKILL)  # the group this run began
        except ProcessLookupError:
            pass
        p.wait()
        return result, time.monotonic() - begin


def baseline(tests, jobs):
    """With every check in place: who passes, how long it takes, and which checks said no in it."""
    def one(test):
        marks = os.path.join(OUT, "marks-" + test["name"].replace("/", "-"))
        with open(marks, "wb") as f:
            f.write(bytes(MARKS_MAX))
        test["failed"], test["seconds"] = run(test, -1, test["timeout"], marks)
        with open(marks, "rb") as f:
            test["marks"] = f.read()
        return test
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for i, t in enumerate(pool.map(one, tests)):
            progress("baseline", i + 1, len(tests))
            if t["failed"]:
                print("mutate: %s fails with every check in place: left out" % t["name"], flush=True)
    return sorted((t for t in tests if not t["failed"]), key=lambda t: t["seconds"])


def progress(what, n, of):
    if sys.stderr.isatty():
        print("\r%s %d of %d " % (what, n, of), end="" if n < of else "\n", file=sys.stderr, flush=True)


def judge(row, tests, budget):
    """Which test fails without this check; cheapest first, until `budget` seconds are used."""
    able = [t for t in tests if t["marks"][row["n"]]]
    row["able"], row["tried"], row["killer"] = len(able), 0, ""
    begin = time.monotonic()
    for t in able:
        if row["tried"] and time.monotonic() - begin + t["seconds"] > budget:
            break
        row["tried"] += 1
        result, _ = run(t, row["n"], 4 * t["seconds"] + 10)
        if result:
            row["killer"] = t["name"] + (" (hangs)" if result == 2 else "")
            break
    row["result"] = "killed" if row["killer"] else "SURVIVED" if able else "UNREACHED"
    return row


def key_of(row):
    return "%s %s: %s" % (row["file"], row["where"], row["what"])


def known():
    """key of a survivor -> why it may stay."""
    out = {}
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    key, _, why = line.rstrip("\n").partition("  # ")
                    out[key] = why
    return out


def told(row):
    if row["killer"]:
        return row["killer"]
    if not row["able"]:
        return "UNREACHED: it says no in no test"
    return "SURVIVED %d of %d tests that reach it" % (row["tried"], row["able"])


def all_mutants(mutants, tests, args):
    rows = [m for m in mutants if re.search(args.only, key_of(m))]
    with open(TSV, "w", encoding="utf-8") as tsv, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        print("kind\tplace\tfunction\tremoved\tresult\tkilled_by\ttried\table", file=tsv)
        for i, row in enumerate(pool.map(lambda m: judge(m, tests, args.seconds), rows)):
            place = "%s:%d" % (row["file"], row["line"])
            print("%-38s %-60.60s %s" % (place, row["what"], told(row)), flush=True)
            print(row["kind"], place, row["where"], row["what"], row["result"], row["killer"], row["tried"], row["able"],
                  sep="\t", file=tsv, flush=True)
            progress("mutations", i + 1, len(rows))
    return rows


def totals(rows, kinds):
    out = []
    for kind in kinds:
        of = [r for r in rows if r["kind"] == kind]
        count = {k: sum(r["result"] == k for r in of) for k in ("killed", "SURVIVED", "UNREACHED")}
        out.append((kind, len(of), count["killed"], count["SURVIVED"], count["UNREACHED"]))
    return out


def page_text(rows, kinds, reasons):
    lines = ["| checks | taken out | a test fails | survived | no test makes it say no |", "| --- | --- | --- | --- | --- |"]
    lines += ["| %s | %d | %d | %d | %d |" % t for t in totals(rows, kinds)]
    lines += ["", "| survivor | what was taken out | why it stays |", "| --- | --- | --- |"]
    for r in rows:
        if not r["killer"]:
            what = r["what"].replace("|", "\\|")
            why = reasons.get(key_of(r), "not looked at" if r["able"] else "not looked at; said no in no test")
            lines.append("| `%s` %s | `%s` | %s |" % (r["file"], r["where"], what, why))
    return "\n".join(lines)


def write_page(rows, kinds):
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    begin, end = "<!-- mutations: begin -->\n", "<!-- mutations: end -->\n"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit("mutate: docs/testing.md has lost its marks '%s' and '%s'" % (begin.strip(), end.strip()))
    head, _, rest = text.partition(begin)
    tail = rest.partition(end)[2]
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(head + begin + page_text(rows, kinds, known()) + "\n" + end + tail)


def write_some(kind, folder, wanted):
    """For the usual build: these sources rewritten, and the list of what can be taken out."""
    mutants, found = number(ROOT, (kind,), wanted)
    files = {os.path.basename(s.path): s.written().replace(TREE + "/", "") for s in found}
    files.update({"base/mutant.h": HEADER, "mutant.c": SOURCE, "mutants.json": json.dumps(mutants)})
    for name, text in files.items():
        put(os.path.join(folder, name), text)
        os.utime(os.path.join(folder, name))


def run_some(program, folder):
    with open(os.path.join(folder, "mutants.json"), encoding="utf-8") as f:
        rows = json.load(f)
    os.makedirs(OUT, exist_ok=True)
    test = {"name": os.path.basename(program), "command": [os.path.abspath(program)], "env": []}
    failed, seconds = run(test, -1, 30)
    if failed:
        sys.exit("mutate: %s fails with every check in place" % program)
    alive = [r for r in rows if not run(test, r["n"], 4 * seconds + 10)[0]]
    for r in alive:
        print("SURVIVED %s" % key_of(r))
    print("mutate: %d of %d checks noticed by %s" % (len(rows) - len(alive), len(rows), test["name"]))
    sys.exit(1 if alive or not rows else 0)


def main():
    if sys.argv[1:2] == ["--write"] and len(sys.argv) > 4:
        return write_some(sys.argv[2], sys.argv[3], sys.argv[4:])
    if sys.argv[1:] == ["--list"]:
        mutants, _ = number(ROOT, KINDS)
        for m in mutants:
            print("%-6s %s:%d %s: %s" % (m["kind"], m["file"], m["line"], m["where"], m["what"]))
        return 0
    if sys.argv[1:2] == ["--run"] and len(sys.argv) == 4:
        return run_some(sys.argv[2], sys.argv[3])
    p = argparse.ArgumentParser(prog="mutate.py", description=__doc__.splitlines()[0])
    p.add_argument("kinds", nargs="*", help="gates, syncs, bounds; all of them unless named")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--seconds", type=float, default=60, help="of tests for one check, before it counts as a survivor")
    p.add_argument("--tests", default=TESTS, help="which tests may notice")
    p.add_argument("--only", default="", help="only what matches: file function: what")
    p.add_argument("--page", action="store_true", help="write the survivors into docs/testing.md")
    args = p.parse_args()
    kinds = tuple(args.kinds) or KINDS
    if set(kinds) - set(KINDS):
        p.error("kinds are " + ", ".join(KINDS))
    os.makedirs(OUT, exist_ok=True)
    mutants, found = number(ROOT, KINDS)  # all are in the one build; the kinds choose what is taken out
    copy_tree(found)
    tests = baseline(build(args.tests, args.jobs), args.jobs)
    rows = all_mutants([m for m in mutants if m["kind"] in kinds], tests, args)
    for t in totals(rows, kinds):
        print("%s: %d taken out, %d noticed, %d survived, %d never said no" % t)
    if args.page:
        write_page(rows, kinds)
    reasons = known()
    new = [r for r in rows if not r["killer"] and key_of(r) not in reasons]
    print("mutate: %d survivors without a reason in tools/mutate.known" % len(new))
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
