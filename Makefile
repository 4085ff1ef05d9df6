# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
# Both set up what they need in .venv and target/; nothing else on the machine is touched
# (on a Debian without python3-venv, and only as root, that one package is installed).

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
# the wheel is built for this interpreter, by cargo and by maturin alike
export PYO3_PYTHON := $(CURDIR)/$(VENV)/bin/python
OUT ?= dosewave-demo

.PHONY: help demo test setup setup-build setup-test lint rust-test wheel python-test notebook-test bench bench-clean bench-read bench-spectral bench-connectivity bench-granger bench-envelope bench-surrogates honesty wheel-installed clean

help:
	@echo "make demo    simulate a ketamine crossover, analyse it, write $(OUT)/report.html, print truth beside estimate"
	@echo "make test    everything that is tested: Rust, Python, notebook, style"
	@echo "make wheel   build the wheel into dist/"
	@echo "make bench   speed and memory beside the peers; bench-clean, bench-read, bench-spectral, bench-connectivity, bench-granger,"
	@echo "             bench-envelope, bench-surrogates   the same for cleaning, files, spectra, coupling, direction, envelopes, nulls"
	@echo "make honesty false and missed rises of gamma, with brain and muscle known"

demo: setup-build
	cargo build --release --locked --package dosewave-cli
	target/release/dosewave demo --out $(OUT)

test: setup-test lint rust-test python-test notebook-test
	@echo "all tests passed"

setup: setup-test

setup-build:
	@sh tools/setup build

setup-test:
	@sh tools/setup test

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo check --locked --no-default-features --package dosewave
	$(VENV)/bin/ruff check python notebooks testdata benches
	$(VENV)/bin/ruff format --check python testdata benches

rust-test:
	cargo test --locked
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

develop:
	@# the dev profile shares every compiled dependency with `cargo test`
	$(VENV)/bin/maturin develop --quiet --locked --profile dev --manifest-path python/Cargo.toml

python-test: develop
	$(PY) -m pytest -q python/tests
	$(PY) -m mypy.stubtest dosewave._native --ignore-missing-stub

notebook-test: develop
	$(PY) -m pytest -q notebooks

wheel: setup-build
	$(VENV)/bin/pip install --quiet maturin
	$(VENV)/bin/maturin build --release --locked --manifest-path python/Cargo.toml --out dist

bench: setup-test
	cargo build --release --locked --package dosewave-cli --package dosewave-benches
	$(PY) benches/peers/run.py

bench-clean: setup-test wheel-installed
	$(VENV)/bin/pip install --quiet autoreject python-picard scikit-learn
	cargo build --release --locked --package dosewave-benches
	cd benches/peers && $(CURDIR)/$(PY) preset.py

bench-read: setup-test wheel-installed
	$(PY) benches/peers/read.py

bench-spectral: setup-test wheel-installed
	$(VENV)/bin/pip install --quiet yasa
	$(PY) benches/peers/spectral.py

bench-connectivity: setup-test wheel-installed
	$(PY) benches/peers/connectivity.py

bench-granger: setup-test wheel-installed
	$(PY) benches/peers/granger.py

bench-envelope: setup-test wheel-installed
	$(PY) benches/peers/envelope.py

bench-surrogates: setup-test wheel-installed
	$(PY) benches/peers/surrogates.py

SUBJECTS ?= 200
honesty: setup-test wheel-installed
	$(PY) benches/honesty/run.py --subjects $(SUBJECTS) --first-seed 0 --out dosewave-honesty

wheel-installed: setup-test
	@# the release wheel: figures are those of what users get
	$(VENV)/bin/maturin develop --quiet --locked --release --manifest-path python/Cargo.toml

clean:
	cargo clean
	rm -rf $(VENV) $(OUT) dist
