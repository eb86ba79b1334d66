PYTHON ?= python3
BIN := .venv/bin
# where torch is taken from first, if not from where pip looks: make demo TORCH_INDEX=ADDRESS (torch's own CPU build has no CUDA)
TORCH_INDEX ?=
# the same spins for both models of the demo: 16 x 16 sites, six temperatures
SPINS := --size 16 --temperatures 6 --train 24000 --steps 1500 --seed 1

# benchmarks that train several models, and those that look at a run (python benchmarks/NAME.py RUN)
LONG := collapse cosmogan modes
FLAGSHIP := flagship_molecules flagship_galaxies flagship_galaxies_by_scale flagship_whole_molecules flagship_smiles
OF_RUNS := studies spins molecules plug_and_play steps molecule_steps showers
# those that take a part by name, or that others read
IN_PARTS := assistant assistant_answerability assistant_spans proteins questions

.PHONY: demo docs test hints fuzz attack verified lint bench studies experiments flagship-molecules flagship-galaxies clean

# a model that passes beside one that does not, on one page: about 4 minutes on 2 cores, after the installation
demo: .venv/ready
	$(BIN)/simulacra run ising_by_diffusion $(SPINS) --width 32 --blocks 4 --out runs/demo
	$(BIN)/simulacra run ising_by_gan $(SPINS) --out runs/demo
	$(BIN)/simulacra compare ising_by_diffusion ising_by_gan --runs runs/demo -o demo.html --picture demo.png

test: .venv/ready-dev lint
	$(BIN)/pytest -n 2

# all tests, and in each what the fix line of every error asks for is done on the call that failed: it must lead somewhere
hints: .venv/ready-dev
	mkdir -p build && rm -f build/hints.jsonl
	SIMULACRA_HINTS=$(CURDIR)/build/hints.jsonl $(BIN)/pytest -n 2
	$(BIN)/python tests/hints.py build/hints.jsonl

# ten thousand files with flipped, lost and repeated bytes before every reader: about 10 minutes
fuzz: .venv/ready-dev
	SIMULACRA_FUZZ=650 $(BIN)/pytest tests/test_fuzz.py

# damaged and hostile runs and files, killed runs, full disks before every verb and reader: ten minutes, another seed each
# time (SEED=N for the same); whatever is found is shown
attack: .venv/ready-dev
	$(BIN)/python tests/attack.py --minutes 10 --seed $(or $(SEED),$(shell date +%s))

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready-dev
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	for file in $(filter-out $(patsubst %,benchmarks/%.py,$(LONG) $(OF_RUNS) $(FLAGSHIP) $(IN_PARTS)),$(wildcard benchmarks/*.py)); do \
		$(BIN)/python $$file || exit 1; \
	done

experiments: .venv/ready
	for name in $(LONG); do $(BIN)/python benchmarks/$$name.py || exit 1; done

# about 35 minutes of one large GPU (derived, not measured), in pieces that resume; a piece that is not the last ends with 75
flagship-molecules: .venv/ready-dev
	@until $(BIN)/python benchmarks/flagship_molecules.py --piece 9; do \
		status=$$?; [ $$status -eq 75 ] || exit $$status; \
	done

# half an hour of one core; killed, it goes on; guidance, steps and begin as chosen on validation
flagship-galaxies: .venv/ready
	for part in train polish finish; do $(BIN)/python benchmarks/flagship_galaxies.py $$part || exit 1; done

# the documentation site in build/site: made from docs/, the shelves and the notebooks; asks no other host for anything
docs: .venv/ready-dev
	$(BIN)/python docs/site/make.py build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

studies: .venv/ready
	$(BIN)/python benchmarks/studies.py

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(if $(TORCH_INDEX),$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch --index-url $(TORCH_INDEX))
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[make]'
	touch $@

# the same, with the SHA-256 of every file that is installed compared (torch aside: pip takes it from the index it is given)
verified:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r constraints-hashed.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch .venv/ready .venv/ready-dev

.venv/ready-dev: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv runs build
