# The only entry: `make setup demo test check docs bench`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

# Patients' data systems do not phone home.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export GX_ANALYTICS_ENABLED := false

.PHONY: setup demo test s3-server check format docs bench lock clean

setup: $(STAMP)

# uv installs in seconds; where it cannot (no wheel for the machine), pip does the same slowly.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sdtmflow needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$$(grep -o '^uv==[0-9.]*' requirements.lock)" || true
	UV_LINK_MODE=copy $(BIN)/python -m uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
	  || $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/sdtmflow run studies/demo

# WORKERS=2 runs the test files in two processes, each with servers of its own.
WORKERS ?= 0
test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# A second S3 server for the tests, in an environment of its own: it pins another botocore.
s3-server: .venv-ministack/.set-up

.venv-ministack/.set-up: tests/integration/ministack.lock $(STAMP)
	$(BIN)/python -m venv .venv-ministack
	$(BIN)/python -m uv pip sync --quiet --python .venv-ministack/bin/python --require-hashes --compile-bytecode $< \
	  || .venv-ministack/bin/python -m pip install --quiet --require-hashes -r $<
	touch $@

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate_reference.py --check

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP)
	$(BIN)/python docs/generate_reference.py

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Resolve the dependencies anew. The lock holds versions and hashes, never a host.
lock: $(STAMP)
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --upgrade --extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .venv-ministack studies/demo/work studies/demo/store
