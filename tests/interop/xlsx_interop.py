#!/usr/bin/env python3
"""tests/interop/xlsx_interop.py DUMP WORK DATA - openpyxl and tapedeck read the same cells of the same workbooks.

DUMP is the program xlsx_dump, WORK a folder for files and a virtual environment, DATA the folder of real workbooks
(may be missing: then only the ones made here are read). Ends with 77 (skipped) when openpyxl can be neither found nor installed.
"""
import datetime
import glob
import json
import os
import subprocess
import sys
import zipfile

import packages


EPOCH = datetime.datetime(1970, 1, 1)


def millis(span):
    return span // datetime.timedelta(milliseconds=1)


def as_ours(cell):
    """Kind and value of an openpyxl cell in our words."""
    value = cell.value
    if isinstance(value, bool):
        return "bool", "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return "number", float(value)
    if isinstance(value, datetime.datetime):
        return "date", millis(value - EPOCH)
    if isinstance(value, datetime.date):
        return "date", millis(datetime.datetime.combine(value, datetime.time()) - EPOCH)
    if isinstance(value, datetime.time):
        return "time", millis(datetime.datetime.combine(EPOCH.date(), value) - EPOCH)
    if isinstance(value, datetime.timedelta):
        return "time", millis(value)
    return ("error" if cell.data_type == "e" else "text"), value


def compare(dump, path):
    import openpyxl
    done = subprocess.run([dump, path], capture_output=True, text=True)
    if done.returncode != 0:
        print("FAIL", path, done.stderr)
        sys.exit(1)
    ours = {}
    for line in done.stdout.splitlines():
        sheet, row, column, kind, value = json.loads(line)
        ours[(sheet, row, column)] = (kind, value)
    theirs = {}
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.value != "":
                    theirs[(sheet.title, cell.row, cell.column)] = as_ours(cell)
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            print("FAIL", path, key, "ours", ours.get(key), "openpyxl", theirs.get(key))
            sys.exit(1)
    kinds = sorted({k for k, _ in ours.values()})
    print(f"ok {os.path.basename(path)}: {len(ours)} cells equal ({', '.join(kinds)})")


def make_books(folder):
    """Workbooks with what the real ones do not have."""
    import openpyxl
    os.makedirs(folder, exist_ok=True)
    for since_1904 in (False, True):
        book = openpyxl.Workbook()
        if since_1904:
            book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet = book.active
        sheet.title = "Größe & <mehr>"
        for i in range(1, 300):
            sheet.append([f"S{i}", i / 7, -i * 10.0 ** (i % 40 - 20), i % 2 == 0,
                          datetime.datetime(2020, 1, 1) + datetime.timedelta(days=i, milliseconds=i * 12345),
                          datetime.date(1999, 12, 31) + datetime.timedelta(days=i), None,
                          datetime.time(i % 24, i % 60, 5), datetime.timedelta(hours=i, seconds=i), " blank ", "ünïcødé 漢字 😀"])
        sheet.append(["#N/A", "#DIV/0!", "=1+1", "2025-07-29"])
        formats = ["dd/mm/yyyy", "[$-409]mmm d, yyyy;@", '"day" d', "0.00", "[Red]0", "m/d/yy h:mm", "mm:ss.0", "yyyy-mm-dd", "@"]
        for code in formats:
            sheet.append([code, 45867.25])
            sheet.cell(sheet.max_row, 2).number_format = code
        second = book.create_sheet("sparse")
        second["ZZ500"] = "far"
        second["A700"] = 1e-300
        book.create_sheet("empty")
        path = os.path.join(folder, f"made_{1904 if since_1904 else 1900}.xlsx")
        book.save(path)
        yield path


def check_bombs(dump, folder):
    """Archives of some megabytes that unpack to much more are refused, with the part named."""
    book = os.path.join(folder, "made_1900.xlsx")
    bombs = (("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", b" " * (1 << 20), 520, "unpacks to more than is possible"),
             ("xl/sharedStrings.xml", b"<sst>", (b"<si><t>" + b"x" * 30000 + b"</t></si>") * 34, 280, "too many shared texts"))
    relation = b'<Relationship Type="x/sharedStrings" Target="sharedStrings.xml" Id="texts" />'
    for part, head, piece, times, reason in bombs:
        path = os.path.join(folder, "bomb.xlsx")
        with zipfile.ZipFile(book) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for info in source.infolist():
                data = source.read(info.filename)
                if info.filename.endswith("workbook.xml.rels") and part.endswith("sharedStrings.xml"):
                    data = data.replace(b"</Relationships>", relation + b"</Relationships>")
                if info.filename != part:
                    out.writestr(info.filename, data)
            with out.open(part, "w", force_zip64=True) as f:
                f.write(head)
                for _ in range(times):
                    f.write(piece)
        done = subprocess.run([dump, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 1 or reason not in done.stderr or part not in done.stderr:
            print("FAIL bomb", part, done.returncode, done.stderr)
            sys.exit(1)
        print(f"ok bomb: {os.path.getsize(path)} bytes with {times} MB of {part} refused")
        os.remove(path)


def main():
    dump, work = sys.argv[1], sys.argv[2]
    data = os.path.join(os.environ["TAPEDECK_DATA"], "xlsx") if "TAPEDECK_DATA" in os.environ else sys.argv[3]
    os.makedirs(work, exist_ok=True)
    packages.ensure(work, "venv-xlsx", ["openpyxl"], ["openpyxl"])
    for path in make_books(os.path.join(work, "xlsx")):
        compare(dump, path)
    check_bombs(dump, os.path.join(work, "xlsx"))
    real = sorted(glob.glob(os.path.join(data, "**", "*.xlsx"), recursive=True))
    for path in real:
        compare(dump, path)
    print(f"PASSED xlsx_interop: {len(real)} real workbooks")


main()
