# Studio Gate. `make` lists the commands; each sets up what it needs in folders that git ignores.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

# The interpreter of the Lambda runtime; .python-version lets pyenv and uv find it.
PYTHON ?= python3.13
BIN := .venv/bin
RUN := PYTHONPATH=functions/gate:cli:. $(BIN)/python
SAM := .venv-sam/bin/sam
# Tests that take longer than one wants to wait for all the time; they are of what stands in for AWS, not of what ships.
LAPTOP := $(addprefix tests/,container experiment gateway localaws provider site)
# What the templates are, and what their policies decide: make stack.
STACK := $(addprefix tests/,policy stack)
# Tests of the package's own modules: they alone have to reach the floor of coverage, which doubles what a test takes.
UNIT := tests/cli tests/studio_gate
# Each worker begins with neighbours, for which a file's fixtures are made once, and takes from the other when it is done.
WORKERS := --numprocesses auto --dist worksteal
BUILT := .aws-sam/build/template.yaml
# As the layer's (layers/dependencies/Makefile), and for the same reasons.
COMPILE := $(BIN)/python -m compileall -qf --invalidation-mode unchecked-hash -s .aws-sam/build/Function -p /var/task .aws-sam/build/Function
SIMULATOR := tests/policy/simulator/node_modules/.package-lock.json
PROVIDER := localaws/provider/node_modules/.package-lock.json
# People sign in where npm is there; without it the laptop goes on without them, and says so.
AXE := tests/e2e/axe/node_modules/.package-lock.json
SIGN_IN := $(if $(shell command -v npm),$(PROVIDER))

# Nothing here talks to AWS: a slip must fail on credentials, not reach an account.
export AWS_ACCESS_KEY_ID := testing
export AWS_SECRET_ACCESS_KEY := testing
export AWS_DEFAULT_REGION := us-east-1
export AWS_EC2_METADATA_DISABLED := true
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
export SAM_CLI_TELEMETRY := 0
export PYTHONDONTWRITEBYTECODE := 1
unexport AWS_PROFILE AWS_SESSION_TOKEN

##@ Use

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(BUILT) .venv-runtime/.ready $(SIGN_IN) ## Set everything up and serve the whole system on loopback, until Ctrl-C
	@$(RUN) -m localaws.run

.PHONY: demo
demo: $(BUILT) .venv-runtime/.ready $(SIGN_IN) ## Set everything up, tell the story and replay the experiment, as tables
	@$(RUN) -m localaws.demo

.PHONY: build
build: $(SAM) ## Build function and layers as they would be deployed (sam build)
	PYTHON=$(abspath $(BIN)/python) $(SAM) build
	@$(COMPILE)

.PHONY: sam-local
sam-local: build ## Invoke the built function on every event in a container (sam local invoke; root, Linux, dockerd)
	@bash localaws/container/run.sh

.PHONY: event
event: .venv/.ready ## Write an event with fresh tokens and print its path: make event NAME=jwt-url
	@$(RUN) -m localaws.event $(if $(NAME),'$(NAME)')

##@ Develop

.PHONY: setup
setup: .venv/.ready ## Install the development environment into .venv

.PHONY: test
test: .venv/.ready ## Set everything up and run the tests of what ships, with coverage
	$(RUN) -m pytest $(WORKERS) $(UNIT) --cov --cov-report=term --cov-report=json:.cache/coverage.json
	$(RUN) -m pytest $(WORKERS) $(addprefix --ignore=,$(UNIT) $(LAPTOP) $(STACK) tests/e2e)
	$(RUN) tests/coverage_floor.py .cache/coverage.json

.PHONY: check
check: .venv/.ready $(SAM) ## Lint, types, import rules, generated files, configuration and template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=functions/gate:cli:. $(BIN)/lint-imports --no-logo
	$(RUN) docs/generate.py --check
	$(RUN) -m localaws.validate
	$(SAM) validate --lint
	.venv-sam/bin/cfn-lint stacks/*.yaml

.PHONY: bench
bench: $(BUILT) .venv-runtime/.ready ## Measure speed as ratios: a warm launch, also of a company, the portal, and the built function's start
	@$(RUN) -m benchmarks.launch
	@$(RUN) -m benchmarks.company
	@$(RUN) -m benchmarks.portal
	@$(RUN) -m benchmarks.modules
	@$(RUN) -m benchmarks.init

.PHONY: tampered
tampered: .venv/.ready ## See the layer's build fail when one hash of the real requirements is wrong
	@bash layers/tampered.sh

.PHONY: laptop
laptop: $(BUILT) .venv-runtime/.ready $(SIGN_IN) ## Test what make run is made of: gateway, runtime, policies, Studio
	$(RUN) -m pytest $(WORKERS) --ignore=tests/gateway/test_runtime.py $(LAPTOP)
	STUDIO_GATE_RUNTIME=1 $(RUN) -m pytest tests/gateway/test_runtime.py

# What a person meets, with a real browser; each worker serves a system of its own for a file of tests.
# Where browser or node is missing nothing is tested, and one line says so.
.PHONY: e2e
e2e: $(BUILT) .venv-runtime/.ready .venv-e2e/.ready $(SIGN_IN) $(if $(SIGN_IN),$(AXE)) ## Test signing in with a real browser (chromium, node); screenshots in .cache
	@PYTHONPATH=functions/gate:cli:. .venv-e2e/bin/python -m pytest -rs --numprocesses auto --dist loadfile tests/e2e

# Every answer against the API's own document. Where the emulator cannot run nothing is asked, and one line says so.
.PHONY: api
api: $(BUILT) .venv-runtime/.ready .venv-api/.ready $(SIGN_IN) ## Ask the system all that its OpenAPI document says, and what it does not (Schemathesis)
	@$(RUN) -m localaws.asking

.PHONY: stack
stack: .venv/.ready .venv-checkov/.ready $(if $(shell command -v npm),$(SIMULATOR)) ## Evaluate the stack's policies as tables, break the templates, and look for what is unsafe (checkov)
	@$(RUN) -m tests.policy.report
	$(RUN) -m pytest $(WORKERS) -p tests.stack.tally $(STACK)
	@$(RUN) -m tests.stack.checkov

.PHONY: deploy-smoke
deploy-smoke: $(BUILT) .venv-deploy/.ready ## Deploy with `sam deploy` to an emulator of AWS, change, delete, and check what is there (Linux)
	@$(RUN) -m localaws.deploying

.PHONY: cli-install
cli-install: .venv/.ready ## Build the client's wheel and install it, with hashes, into a fresh environment
	@$(BIN)/uv build --offline --quiet --python $(BIN)/python --wheel --clear --out-dir .cache/dist .
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .cache/cli
	@$(BIN)/uv pip sync --quiet --python .cache/cli/bin/python --require-hashes requirements/cli.txt
	@$(BIN)/uv pip install --quiet --offline --no-deps --python .cache/cli/bin/python .cache/dist/*.whl
	@$(BIN)/uv pip check --quiet --python .cache/cli/bin/python
	.cache/cli/bin/studio-gate --version
	@.cache/cli/bin/python -I -c 'import importlib.util as u; assert u.find_spec("studio_gate_cli") and not u.find_spec("studio_gate")'

.PHONY: simulator
simulator: $(SIMULATOR) ## Install the IAM simulator that make stack holds policies against (node 20 or newer)

.PHONY: provider
provider: $(PROVIDER) ## Install the identity provider that people sign in with on the laptop (node 20 or newer)

.PHONY: format
format: .venv/.ready ## Rewrite Python files in the house format, and the generated files
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(RUN) docs/generate.py

.PHONY: lock
lock: .venv/.ready ## Resolve the newest allowed versions into the hashed requirement files
	$(BIN)/python requirements/lock.py

.PHONY: clean
clean: ## Delete everything that make has made
	rm -rf .venv .venv-sam .venv-runtime .venv-e2e .venv-api .venv-checkov .venv-deploy tests/policy/simulator/node_modules localaws/provider/node_modules tests/e2e/axe/node_modules .cache .aws-sam .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# Set-up

# Built again when what it is made of has changed; `make build` always builds.
$(BUILT): template.yaml $(wildcard stacks/*.yaml) $(wildcard layers/dependencies/*) $(shell find functions -type f) | $(SAM)
	@echo "Building function and layers ..."
	@PYTHON=$(abspath $(BIN)/python) $(SAM) build >/dev/null 2>.cache/build.log || { cat .cache/build.log >&2; exit 1; }
	@$(COMPILE)
	@touch $@

.venv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "Studio Gate needs CPython 3.13, the version of its Lambda runtime; '$(PYTHON)' was not found or is another version. Install it (pyenv install 3.13, uv python install 3.13) or set PYTHON=/path/to/python3.13" >&2; exit 1; }
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
	@touch $@

.venv/.ready: .venv/bin/uv requirements/dev.txt pyproject.toml
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	@$(BIN)/uv pip install --quiet --offline --no-deps --python $(BIN)/python --editable .
	@# So that .venv/bin/studio-gate finds the function's code, for what operators run from a clone.
	@echo '$(abspath functions/gate)' >"$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/studio-gate-function.pth"
	@mkdir -p .cache
	@touch $@

$(SAM): .venv/.ready requirements/sam.txt
	@echo "Setting up .venv-sam ..."
	@$(BIN)/python -m venv --clear .venv-sam
	@$(BIN)/uv pip sync --quiet --python .venv-sam/bin/python --require-hashes requirements/sam.txt
	@touch $@

# Makes the environment that a target is in, of these hashed requirements and nothing else.
define environment
@echo "Setting up $(@D) ..."
@$(BIN)/python -m venv --clear --without-pip $(@D)
@$(BIN)/uv pip sync --quiet --python $(@D)/bin/python --require-hashes $(1)
@touch $@
endef

.venv-runtime/.ready: .venv/.ready requirements/container.txt
	$(call environment,requirements/container.txt)

.venv-e2e/.ready: .venv/.ready requirements/e2e.txt
	$(call environment,requirements/dev.txt requirements/e2e.txt)

.venv-api/.ready: .venv/.ready requirements/schemathesis.txt
	$(call environment,requirements/dev.txt requirements/schemathesis.txt)

.venv-checkov/.ready: .venv/.ready requirements/checkov.txt
	$(call environment,requirements/checkov.txt)

.venv-deploy/.ready: .venv/.ready requirements/deploy.txt
	$(call environment,requirements/deploy.txt)

$(SIMULATOR): tests/policy/simulator/package-lock.json
	@cd tests/policy/simulator && npm ci --silent
	@touch $@

$(PROVIDER): localaws/provider/package-lock.json
	@cd localaws/provider && npm ci --silent
	@touch $@

$(AXE): tests/e2e/axe/package-lock.json
	@cd tests/e2e/axe && npm ci --silent
	@touch $@
