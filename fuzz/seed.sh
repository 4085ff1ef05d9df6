#!/bin/sh
# Seeds for the targets, from testdata.
set -eu
cd "$(dirname "$0")"
for target in detect edf bdf brainvision; do mkdir -p "corpus/$target"; done
for file in ../testdata/edf/*.edf ../testdata/bad/*.edf; do cp "$file" corpus/edf/; done
cp ../testdata/edf/*.bdf corpus/bdf/
for header in ../testdata/brainvision/*.vhdr; do
    stem=${header%.vhdr}
    data=$(ls "$stem".eeg "$stem".dat "$stem".seg 2>/dev/null | head -n 1)
    # names as the target has them
    { sed -E 's/^DataFile=.*/DataFile=a.eeg/; s/^MarkerFile=.*/MarkerFile=a.vmrk/' "$header"; printf '\377'; cat "$stem.vmrk"; printf '\377'; cat "$data"; } \
        > "corpus/brainvision/$(basename "$stem")"
done
mkdir -p corpus/fif corpus/neuroscan corpus/xdf corpus/egi_raw corpus/egi_mff
cp ../testdata/fif/*.fif corpus/fif/
cp ../testdata/neuroscan/*.cnt corpus/neuroscan/
cp ../testdata/xdf/*.xdf corpus/xdf/
cp ../testdata/egi/*.raw corpus/egi_raw/
for folder in ../testdata/egi/*.mff; do
    {
        cat "$folder/info.xml"
        for name in info1.xml epochs.xml coordinates.xml Events_ECI.xml categories.xml signal1.bin; do
            printf '\036'; cat "$folder/$name"
        done
    } > "corpus/egi_mff/$(basename "$folder")"
done
for file in ../testdata/*/*; do
    case $file in *golden*|*generate*) continue ;; esac
    [ -f "$file" ] || continue
    { printf '\0'; cat "$file"; } > "corpus/detect/$(basename "$file")"
done
