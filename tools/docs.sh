#!/bin/sh
# tools/docs.sh BUILD-FOLDER [OUT] - the pages that are made from tables: docs/cmd/*.md, errors, settings, journal, gates, fault-scripts, gateway,
# connection, indicators, features, strategies, signals-input, api, wire/dbn.
# Run by `make docs`; the test cmd/help_test fails when a page differs from what the program says.
set -eu
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
out=${2:-docs}
mkdir -p "$out/cmd"
rm -f "$out"/cmd/*.md
for name in $("$folder/tapedeck" --help | sed -n 's/^  \([a-z][a-z-]*\)  *.*/\1/p'); do
    {
        printf '# tapedeck %s\n\n```text\n' "$name"
        "$folder/tapedeck" "$name" --help
        printf '```\n'
    } > "$out/cmd/$name.md"
done
for page in errors settings journal gates fault-scripts gateway connection indicators features strategies signals-input api; do
    "$folder/docgen" "$page" > "$out/$page.md"
done
mkdir -p "$out/wire"
"$folder/docgen" dbn > "$out/wire/dbn.md"
echo "docs: $(ls "$out/cmd" | wc -l) commands, errors, settings, journal, gates, fault-scripts, gateway, connection, indicators, features, strategies, signals-input, api, wire/dbn"
