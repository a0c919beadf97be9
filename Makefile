# Everything a developer types. Needs only make and Python 3.11 or later; the rest is installed into .venv,
# once, from the locked requirements. `make lock` is the only target that changes a committed file.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.project
CODE = $(wildcard sortctl sim tests bench)
PIP := $(RUN) -m pip --disable-pip-version-check install -qq

# A .venv whose interpreter is gone (system upgrade, copied folder) is set up anew.
$(shell $(RUN) -c pass 2>/dev/null || rm -f $(VENV)/.requirements $(VENV)/.project)

.DEFAULT_GOAL := help
.PHONY: help demo test check check-format check-lint check-types check-contracts format bench soak wire lock nodesets clean venv
MAKEFLAGS += --no-print-directory

help:
	@echo 'make demo     a simulated line with mischief; PARCELS=600 SEED=1 FAULTS=... change it'
	@echo 'make test     the quick tests'
	@echo 'make check    format, lint, types and import contracts'
	@echo 'make format   put the code into house format'
	@echo 'make bench    measurements, one table each'
	@echo 'make soak     many seeds through the simulator; SEEDS=... sets how many'
	@echo 'make wire     every story once with the real daemon on real sockets, some 20 minutes; SEEDS=... sets how often'
	@echo 'make lock     renew the locked requirements'
	@echo 'make nodesets fetch the published OPC UA nodesets, to compare ours with'
	@echo 'make clean    remove everything that make made'

demo: $(READY)
	@$(RUN) -m sim demo $(if $(PARCELS),--parcels $(PARCELS)) $(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults $(FAULTS))

test: $(READY)
	@$(RUN) -m pytest $(ARGS)

# All four always run: one pass shows everything there is to mend.
check: $(READY)
	@$(MAKE) -k check-format check-lint check-types check-contracts

check-format: $(READY)
	@echo '== format'
	@$(RUN) -m ruff format --check --quiet $(CODE) || { echo 'make format mends this'; exit 1; }

check-lint: $(READY)
	@echo '== lint'
	@$(RUN) -m ruff check --quiet $(CODE)

check-types: $(READY)
	@echo '== types'
	@$(RUN) -m mypy $(CODE)

check-contracts: $(READY)
	@echo '== contracts'
	@$(VENV)/bin/lint-imports --no-logo

format: $(READY)
	@$(RUN) -m ruff format $(CODE)
	@$(RUN) -m ruff check --quiet --fix $(CODE)

bench: $(READY)
	@$(RUN) -m bench $(ARGS)

# SEEDS, given here or in the environment, reaches the tests by itself.
soak: $(READY)
	@$(RUN) -m pytest -m soak tests/soak $(ARGS)
	@HYPOTHESIS_PROFILE=soak $(RUN) -m pytest --timeout=0 tests/logic/test_customs.py

# SEEDS and SEED as above. In real time: a story takes half a minute.
wire: $(READY)
	@$(RUN) -m pytest -m soak tests/walks/test_wire.py $(ARGS)

# Hashes are those of the public registry, for every platform; no address of any registry is written.
LOCK := $(RUN) -m uv --no-config pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'
lock: $(READY)
	@echo 'lock: requirements/run.txt'
	@$(LOCK) -o requirements/run.txt
	@echo 'lock: requirements/dev.txt'
	@$(LOCK) --group dev -c requirements/run.txt -o requirements/dev.txt

# Needs npm and its registry; the package is only unpacked, nothing of it is installed or run.
NODESETS := node-opcua-nodesets@2.182.0
nodesets:
	@mkdir -p .nodesets
	@cd .nodesets && npm pack --silent $(NODESETS) && tar xzf node-opcua-nodesets-*.tgz --strip-components=2 \
		package/nodesets/Opc.Ua.Di.NodeSet2.xml package/nodesets/Opc.Ua.AutoID.NodeSet2.xml \
		package/nodesets/Opc.Ua.PackML.NodeSet2.xml && rm node-opcua-nodesets-*.tgz
	@echo 'SORTCTL_NODESETS=.nodesets make test ARGS=tests/sim/doors/test_nodesets.py'

clean:
	@rm -rf $(VENV) .nodesets build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv: $(READY)

$(VENV)/.requirements: requirements/dev.txt
	@test -n '$(PYTHON)' || { echo 'sortctl needs Python 3.11 or later: install it, or name it with make PYTHON=/path/to/python'; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo '$(PYTHON) is not Python 3.11 or later: install one, or name it with make PYTHON=/path/to/python'; exit 1; }
	@$(RUN) -m pip --version >/dev/null 2>&1 || { echo '.venv: new, with $(PYTHON)'; '$(PYTHON)' -m venv --clear $(VENV); } || \
		{ echo 'python could not make .venv; on Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
	@echo '.venv: installing the locked requirements (half a minute)'
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(READY): pyproject.toml $(VENV)/.requirements
	@echo '.venv: sortctl itself, editable'
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
