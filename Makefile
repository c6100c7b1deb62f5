.PHONY: assets check test force

# What the browser gets: built again only where a source changed, or where it is gone.
ASSETS_BUILT := assets/node_modules/.built

assets: $(ASSETS_BUILT)

$(ASSETS_BUILT): $(shell git ls-files assets) $(if $(wildcard assets/dist),,force)
	cd assets && npm ci --no-audit --no-fund && npm run build
	touch $@

# Formatting and lints, warnings refused.
check: assets
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Everything, on both engines, with a real virus scanner and a real mail server.
test: assets
	scripts/install-test-tools
	scripts/with-postgres scripts/with-clamd scripts/with-smtp cargo nextest run --workspace --locked
