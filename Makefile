# Sahi Rasta. `make run` and `make test` work from a clean checkout; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh

UV := .tools/bin/uv
PY := .venv/bin/python
BOT_PY := bot/.venv/bin/python
NODE_ORACLES := tests/oracles/node_modules/.ready
ASSETS := api/static/vendor/.ready

export RASA_TELEMETRY_ENABLED := false
export PYTHONWARNINGS :=

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

.PHONY: setup
setup: .venv/.ready bot/.venv/.ready $(ASSETS) bot-model ## install everything that running needs

$(UV):
	@sh setup/uv.sh

.venv/.ready: requirements.lock | $(UV)
	@sh setup/environment.sh . 3.11
	@touch $@

bot/.venv/.ready: bot/requirements.lock | $(UV)
	@sh setup/environment.sh bot 3.10
	@touch $@

$(ASSETS): assets/package-lock.json | .venv/.ready
	@$(PY) -m assets.install
	@touch $@

$(NODE_ORACLES): tests/oracles/package-lock.json | .venv/.ready
	@$(PY) -m assets.npm tests/oracles ci --omit=optional
	@touch $@

.PHONY: bot-model
bot-model: bot/.venv/.ready
	@PYTHONPATH=.:bot $(BOT_PY) -m bot.train

.PHONY: run
run: setup ## start everything on this computer, with two simulated phones
	@$(PY) -m run

.PHONY: test
test: setup $(NODE_ORACLES) ## all checks and tests
	@sh setup/test.sh

.PHONY: lint
lint: .venv/.ready ## ruff, mypy and the layer contracts alone
	@$(PY) -m ruff format --check . && $(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

.PHONY: content-check
content-check: .venv/.ready ## check content/ and name file and line of every fault
	@$(PY) -m api.cli check-content

.PHONY: content-lint
content-lint: .venv/.ready ## what editors should mend or look at in content/, with file and line
	@$(PY) -m api.cli lint-content

.PHONY: content-format
content-format: .venv/.ready ## rewrite content/ in the one accepted layout
	@$(PY) -m api.cli format-content

.PHONY: texts
texts: .venv/.ready ## gather the desk's texts for translation
	@$(PY) -m setup.interface_texts

.PHONY: evaluate
evaluate: setup ## FILE=in.csv OUT=out.csv: questions through the real path, a table per language
	@$(PY) -m measure.evaluate "$(FILE)" "$(OUT)"

.PHONY: evaluate-matcher
evaluate-matcher: bot/.venv/.ready ## TRAIN=a.csv TEST=b.csv OUT=out.csv: the matcher alone
	@PYTHONPATH=.:bot $(BOT_PY) -m measure.evaluate_matcher "$(TRAIN)" "$(TEST)" "$(OUT)"

.PHONY: evaluate-spelling
evaluate-spelling: .venv/.ready ## PATH_TO=lexicon.tsv: do people's spellings of one word fall together
	@$(PY) -m measure.spelling_pairs "$(PATH_TO)"

.PHONY: measure-scale
measure-scale: bot/.venv/.ready ## time and memory of the matcher at 5,000 to 50,000 variants
	@PYTHONPATH=.:bot $(BOT_PY) -m measure.scale $(SIZES)

.PHONY: ablation
ablation: bot/.venv/.ready ## what each ingredient of the matcher is worth, 12 minutes or more
	@PYTHONPATH=.:bot $(BOT_PY) -m measure.ablation $(if $(OLDER),--older "$(OLDER)")

.PHONY: bench
bench: setup $(NODE_ORACLES) ## latency, throughput and memory, beside Rasa's own Twilio channel; the desk's pages
	@$(PY) -m measure.bench
	@$(PY) -m measure.desk_scale $(if $(DATABASE_URL),--database-url "$(DATABASE_URL)")

.PHONY: kannel
kannel: ## unpack a real SMS gateway for the tests that can use one (Debian)
	@sh setup/kannel.sh

.PHONY: faults
faults: setup ## kill -9, outages, full disk, wrong clocks on both lanes: what was lost, doubled, misordered, late
	@$(PY) -m measure.faults $(if $(LANE),--lane "$(LANE)")

SECONDS_EACH ?= 600
.PHONY: fuzz
fuzz: setup ## what nobody would send, at every reader of texts, calls and files: SECONDS_EACH=600
	@$(PY) -m measure.fuzz --seconds $(SECONDS_EACH) $(TARGETS)

.PHONY: lock
lock: $(UV) ## compile both lock files anew
	@sh setup/lock.sh

.PHONY: audit
audit: .venv/.ready $(UV) ## known holes in what we depend on; needs internet
	@sh setup/audit.sh

.PHONY: clean
clean: ## remove what set-up made (not var/)
	rm -rf .venv bot/.venv .tools api/static/vendor tests/oracles/node_modules assets/node_modules bot/models

.PHONY: whatsapp-templates
whatsapp-templates: .venv/.ready ## buttons, lists and templates at WhatsApp's provider: CHECK=1 only shows how far they are
	@$(PY) -m api.cli whatsapp-templates $(if $(CHECK),--check)
