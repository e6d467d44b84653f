# The commands of the house. `make` alone lists them.

SERVE := .venv/bin/python
DEV := .venv-dev/bin/python
BENCH := .venv-bench/bin/python
DATA ?= data

# Training code is tested on TensorFlow, everything else on OpenVINO as it is served; each by two
# processes, of which one takes the long tests of the first folders while the other goes on.
TRAINING_TESTS := tests/benchmarks tests/pipelines tests/notebooks tests/models
SERVING_TESTS := tests $(addprefix --ignore=,$(TRAINING_TESTS) tests/browser)
PYTEST := $(DEV) -m coverage run -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test test-browser lint develop train bench bench-training soak notebooks clean

help: ## List these commands
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: .venv/.installed ## Serve the portal at http://127.0.0.1:8000 (HOST=, PORT=)
	@exec $(SERVE) -m portal

test: .venv-dev/.installed ## Run all tests but those in a browser
	@$(DEV) -m coverage erase; failed=0; \
	KERAS_BACKEND=tensorflow $(PYTEST) $(TRAINING_TESTS) || failed=1; \
	KERAS_BACKEND=openvino $(PYTEST) $(SERVING_TESTS) || failed=1; \
	$(DEV) -m coverage combine --quiet && $(DEV) -m coverage report || failed=1; \
	exit $$failed

test-browser: .venv-dev/.installed ## Run the tests in headless Chromium
	@scripts/require-chromium
	@KERAS_BACKEND=openvino $(DEV) -m pytest --numprocesses 2 --dist worksteal tests/browser

lint: .venv-dev/.installed ## Check style, format and types
	@$(DEV) -m ruff check
	@$(DEV) -m ruff format --check
	@$(DEV) -m mypy

develop: .venv-dev/.installed ## Make .venv-dev: what training and testing need

train: .venv-dev/.installed ## Train and publish all models from the data in DATA=folder (ARGS=)
	@$(DEV) -m pipelines study --data "$(DATA)" $(ARGS)

bench: .venv/.installed .venv-bench/.installed ## Measure serving beside what people use instead (ARGS=options)
	@$(BENCH) -m benchmarks.serving --portal-python $(SERVE) --output benchmarks/RESULTS.md $(ARGS)

bench-training: .venv-dev/.installed ## Measure whether training waits for its images (ARGS=options)
	@$(DEV) -m benchmarks.input_pipeline $(ARGS)

soak: .venv/.installed .venv-dev/.installed ## Watch the portal at full load, half an hour (ARGS=options)
	@$(DEV) -m benchmarks.soak --portal-python $(SERVE) $(ARGS)

notebooks: .venv-dev/.installed ## Run the notebooks again and keep what they show
	@$(DEV) scripts/run-notebooks $(ARGS)

clean: ## Remove environments and caches; checkpoints and runs stay
	rm -rf .venv .venv-bench .venv-dev .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements.txt
	@scripts/make-venv .venv requirements.txt 14

.venv-dev/.installed: requirements.txt requirements-train.txt requirements-dev.txt
	@scripts/make-venv .venv-dev requirements-dev.txt 13

.venv-bench/.installed: requirements-bench.txt
	@scripts/make-venv .venv-bench requirements-bench.txt 13
