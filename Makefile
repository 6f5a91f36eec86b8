# Everything runs from a virtual environment of its own in .venv.
PYTHON ?= python3
BIN := .venv/bin
# The outer pip installs into .venv: Debian's Python has no pip of its own to put there.
PIP := $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps

.PHONY: chat test lint types eval mutate bench bench-large bench-model soak-slack bench-slack lock clean

chat: .venv/installed
	@$(BIN)/rung chat

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	@echo "Installing into .venv; this takes about a minute."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# NumPy's threads fight over a busy machine, and minutes become hours.
test: export OPENBLAS_NUM_THREADS := 1
test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

# The whole suite; fails on a broken invariant or a drop against the accepted run.
eval: export OPENBLAS_NUM_THREADS := 1
eval: .venv/installed-dev
	$(BIN)/rung eval --gate

bench: .venv/installed-dev
	@$(BIN)/python -m evals.bench $(if $(LARGE),--large)

# 1,000 documents, about 20,000 passages: a quarter of an hour, nearly all of it encoding. Also: make bench LARGE=1
bench-large: .venv/installed-dev
	@$(BIN)/python -m evals.bench_documents

# Breaks Rung in many small ways and says which of them the evaluation suite notices; ten minutes to half an hour.
mutate: export OPENBLAS_NUM_THREADS := 1
mutate: .venv/installed-dev
	@$(BIN)/python -m evals.mutate
# Both start a PostgreSQL of their own (apt install postgresql) and a mock of Slack; the first takes about ten minutes.
soak-slack: export OPENBLAS_NUM_THREADS := 1
soak-slack: .venv/installed-dev
	@$(BIN)/python -m tests.slack.soak

bench-slack: export OPENBLAS_NUM_THREADS := 1
bench-slack: .venv/installed-dev
	@$(BIN)/python -m tests.slack.bench
# Needs a language model (docs/model.md), and uses it.
bench-model: .venv/installed-dev
	@$(BIN)/python -m evals.bench_model

# Needs uv (https://docs.astral.sh/uv): resolves for every platform at once, with hashes, without index addresses.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-dev.lock
	uv pip compile pyproject.toml --extra slack --group build -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-slack.lock

clean:
	rm -rf .venv
