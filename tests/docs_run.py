#!/usr/bin/env python3
"""tests/docs_run.py TAPEDECK SAMPLE WORK ROOT - runs the commands that README and docs show, beside a simulator.

Every line of a ```sh block that calls tapedeck is run in a folder of its own, with a trade list, a day of a vendor's files and a
gateway simulator on a free port. Each must end with 0 (a backtest without recorded days with 2); those that go on until Ctrl-C get one after three seconds. Lines that
call make are what runs this test and are counted by name. Units of systemd are given to its own checker where there is one.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

ENDLESS = ("sim", "record", "trade", "dash")
# Without a real gateway or a running desk these tell what is missing; what they say is tested elsewhere.
MAY_FAIL = {"doctor": (0, 1), "status": (0, 1, 2)}


def blocks(path):
    text = open(path, encoding="utf-8").read()
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in block.splitlines():
            line = line.split(" #")[0].strip()
            if line and not line.startswith("#"):
                yield line


def recorded(root):
    """The folder of recorded days: TAPEDECK_DATA, or the one beside the project. None: there is none."""
    folder = os.environ.get("TAPEDECK_DATA") or os.path.join(root, "..", "shared", "data")
    return os.path.abspath(folder) if os.path.isdir(os.path.join(folder, "lean")) else None


def expected(command, data):
    if command == "backtest":
        return (0,) if data else (2,)
    return MAY_FAIL.get(command, (0,))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def prepare(tapedeck, sample, work):
    shutil.rmtree(work, ignore_errors=True)
    for name in ("bin", "base", "state", "logs", "vendor"):
        os.makedirs(os.path.join(work, name))
    os.symlink(os.path.abspath(tapedeck), os.path.join(work, "bin", "tapedeck"))
    subprocess.run([sample, os.path.join(work, "vendor")], check=True)
    with open(os.path.join(work, "base", "WarriorTrading_Trades.csv"), "w", encoding="utf-8") as f:
        f.write("ticker,date\nMSFT,2025-03-10\n")
    with open(os.path.join(work, "base", "bars_download_manifest.jsonl"), "w", encoding="utf-8"):
        pass
    return dict(os.environ, PATH=os.path.join(os.path.abspath(work), "bin") + ":" + os.environ["PATH"],
                ML_BASE_PATH=os.path.abspath(os.path.join(work, "base")), VENDOR_FILES=os.path.abspath(os.path.join(work, "vendor")),
                DASH_PORT=str(free_port()), LOGS_PATH=os.path.abspath(os.path.join(work, "logs")), TAPEDECK_STATE=os.path.abspath(os.path.join(work, "state")),
                IB_CONNECT_TIMEOUT="10")


def run(words, env, work, data):
    endless = words[1] in ENDLESS
    p = subprocess.Popen(words, env=env, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        out = p.communicate(timeout=3 if endless else 100)[0]
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGINT)
        out = p.communicate(timeout=30)[0]
    if p.returncode not in expected(words[1], data):
        print(f"FAIL {' '.join(words)}: {p.returncode}\n{out}")
        return False
    return True


def check_units(root, work):
    units = [os.path.join(root, "examples", "systemd", n) for n in sorted(os.listdir(os.path.join(root, "examples", "systemd")))]
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not there: the units are not checked")
        return True
    said = subprocess.run(["systemd-analyze", "verify", "--user", "--man=no"] + units, capture_output=True, text=True,
                          env=dict(os.environ, XDG_RUNTIME_DIR=work)).stderr
    if "Failed to initialize" in said:
        print("systemd-analyze does not run here: the units are not checked")
        return True
    wrong = [l for l in said.splitlines() if "tapedeck" in l and "is not executable" not in l]
    print("\n".join(wrong) if wrong else f"{len(units)} units of systemd are sound")
    return not wrong


def main():
    tapedeck, sample, work, root = (os.path.abspath(a) for a in sys.argv[1:5])
    env = prepare(tapedeck, sample, work)
    data = recorded(root)
    env["TAPEDECK_DATA"] = data or os.path.join(work, "no-data")
    sim = subprocess.Popen([tapedeck, "sim", "--port", "0", "--json", "--speed", "10"], env=env, cwd=work, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    good, count, skipped = True, 0, set()
    try:
        env["IB_PORT"] = str(json.loads(sim.stdout.readline())["port"])
        pages = [os.path.join(root, "README.md")]
        pages += [os.path.join(root, "docs", n) for n in sorted(os.listdir(os.path.join(root, "docs"))) if n.endswith(".md")]
        for page in pages:
            for line in blocks(page):
                words = line.replace("build/release/tapedeck", "tapedeck").split()
                if words[0] != "tapedeck":
                    skipped.add(words[0])
                elif words[1].startswith("-") or words[1] != "demo":
                    good = run(words, env, work, data) and good
                    count += 1
    finally:
        sim.send_signal(signal.SIGINT)
        sim.wait(30)
    good = check_units(root, work) and good
    print(f"{count} commands of the pages ran; left out: {', '.join(sorted(skipped)) or 'none'}")
    sys.exit(0 if good and count > 10 else 1)


main()
