#!/bin/sh
# tools/links.sh FOLDER - links with the old tools' names beside the program; it answers to each of them.
set -eu
folder=$1
"$folder/tapedeck" --aliases | while read -r alias; do
    ln -sf tapedeck "$folder/$alias"
done
