#!/bin/sh
# Seeds for the targets: testdata, small files made by seeds.py (PYTHON, with h5py), and small recordings of a folder, if any:
# [PYTHON=python3] sh fuzz/seed.sh [FOLDER]
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
mkdir -p corpus/eeglab corpus/nwb corpus/h5
for file in ../testdata/eeglab/*.set; do
    # two bytes say how long the file of samples beside the set is: 4800, as in testdata
    { printf '\300\022'; cat "$file"; } > "corpus/eeglab/$(basename "$file")"
done
cp ../testdata/nwb/*.nwb corpus/nwb/
cp ../testdata/hdf5/*.h5 corpus/h5/
"${PYTHON:-python3}" seeds.py "$@"
for file in ../testdata/*/*; do
    case $file in *golden*|*generate*) continue ;; esac
    [ -f "$file" ] || continue
    { printf '\0'; cat "$file"; } > "corpus/detect/$(basename "$file")"
done
