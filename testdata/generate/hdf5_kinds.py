"""Makes the files of testdata/hdf5, on which the reader of HDF5 (crates/io/src/h5) is tested.

    python testdata/generate/hdf5_kinds.py

Needs h5py and numpy. Every numeric dataset of `numbers` holds its elements' own places, 0, 1, 2, ... (the last
dimension fastest); those of `filled` hold 7 where nothing was written.
"""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "hdf5"


def places(shape, dtype):
    return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)


def fill(file):
    numbers = file.create_group("numbers")
    for dtype in ["i1", "u1", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8", "<f4", ">f4", "<f8", ">f8"]:
        numbers.create_dataset(f"type_{dtype[-2:]}_{'be' if dtype[0] == '>' else 'le'}", data=places((3, 5), dtype))
    numbers.create_dataset("scalar", data=np.float64(0))
    numbers.create_dataset("cube", data=places((4, 5, 6), "f8"))
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    made = h5py.h5d.create(numbers.id, b"compact", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((7,)), dcpl=compact)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, places((7,), "i4"))
    for name, options in {
        "chunks": {"chunks": (7, 3)},
        "one_chunk": {"chunks": (40, 10)},
        "gzip": {"chunks": (7, 3), "compression": "gzip", "shuffle": True},
        "lzf": {"chunks": (16, 10), "compression": "lzf"},
        "fletcher": {"chunks": (7, 10), "fletcher32": True},
        "all_filters": {"chunks": (9, 4), "compression": "gzip", "shuffle": True, "fletcher32": True},
        "grows": {"chunks": (4, 10), "maxshape": (None, 10)},
        "max_larger": {"chunks": (7, 3), "maxshape": (80, 21)},
        "grows_both": {"chunks": (4, 3), "maxshape": (None, None), "compression": "gzip"},
    }.items():
        numbers.create_dataset(name, data=places((40, 10), "i4"), **options)
    numbers.create_dataset("many_chunks", data=places((1500,), "i2"), chunks=(1,))
    numbers.create_dataset("many_grow", data=places((1500,), "i2"), chunks=(1,), maxshape=(None,))
    wide = {"chunks": (4, 3), "maxshape": (9, None)}
    numbers.create_dataset("grows_second", data=places((6, 40), "i2"), **wide)
    numbers.create_dataset("cube_chunks", data=places((4, 5, 6), "f4"), chunks=(3, 2, 4), compression="gzip")
    filled = file.create_group("filled")
    for name, options in {"whole": {}, "chunks": {"chunks": (4, 4)}}.items():
        made = filled.create_dataset(name, shape=(10, 8), dtype="i2", fillvalue=7, **options)
        if name == "chunks":
            made[4:8, 0:4] = 1
    texts = file.create_group("texts")
    texts.create_dataset("varying", data=["Fz", "", "µV ä", "x" * 300], dtype=h5py.string_dtype())
    texts.create_dataset("fixed", data=np.array([b"Fz", b"Cz\x00", b"long text"]))
    texts.create_dataset("scalar", data="one", dtype=h5py.string_dtype())
    references = np.array([numbers["cube"].ref, numbers.ref], dtype=h5py.ref_dtype)
    file.create_dataset("references", data=references)
    file.create_dataset("flags", data=np.array([True, False, True]))
    pairs = np.array([(1, 2.5), (3, 4.5)], dtype=[("first", "i4"), ("second", "f8")])
    file.create_dataset("pairs", data=pairs)
    file["soft"] = h5py.SoftLink("/numbers/cube")
    file["elsewhere"] = h5py.ExternalLink("other.h5", "/numbers")
    file["dangling"] = h5py.SoftLink("/nothing")
    numbers["loop"] = file["/"]
    many = file.create_group("many")
    for i in range(120):
        many.create_dataset(f"member_{i}", data=np.int32(i))
    for i in range(40):
        many.attrs[f"attribute_{i}"] = i
    many.attrs["text"] = "words"
    many.attrs["fixed"] = np.bytes_("chars")


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, libver, options in [
        ("earliest", "earliest", {"userblock_size": 1024}),
        ("v108", ("v108", "v108"), {"track_order": True}),
        ("latest", ("v110", "v110"), {}),
    ]:
        with h5py.File(FOLDER / f"{name}.h5", "w", libver=libver, **options) as file:
            fill(file)


if __name__ == "__main__":
    main()
