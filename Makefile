# Two commands do all the set-up: `make demo` runs the product on real orders, `make test` passes every check.
# Both take uv from PATH, or make a private one below .uv/.

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen
PYTEST_ARGS ?=
export UV_PYTHON_DOWNLOADS ?= never

.PHONY: demo test lint types contracts tests browser texts clean

demo: $(UV)
	$(RUN) --no-default-groups rongshu demo $(DEMO_ARGS)

test: lint types contracts tests

lint: $(UV)
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) djlint --lint --quiet src/rongshu/interfaces

types: $(UV)
	$(RUN) mypy

contracts: $(UV)
	$(RUN) lint-imports

tests: $(UV) browser
	$(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# The pages are tested in a real browser: Debian's Chromium, installed when it is missing and we may.
browser:
	@command -v chromium >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; }; } || { \
	  echo "The tests need Chromium: apt-get install chromium fonts-noto-cjk" >&2; exit 1; }

texts: $(UV)
	$(RUN) python texts.py

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv .uv dist frontend/node_modules
