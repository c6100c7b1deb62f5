.PHONY: assets check test bench demo force

# What the browser gets: built again only where a source changed, or where it is gone.
ASSETS_BUILT := assets/node_modules/.built

assets: $(ASSETS_BUILT)

$(ASSETS_BUILT): $(shell find assets \( -name node_modules -o -name dist \) -prune -o -type f -print) $(if $(wildcard assets/dist),,force)
	cd assets && npm ci --no-audit --no-fund && npm run build
	touch $@

# Formatting and lints, warnings refused; and the program alone, without what is there for tests.
check: assets
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo check --locked -p beffroi

# Everything, on both engines, with a real virus scanner, a real mail server, real mailboxes and real OpenID providers.
test: assets
	scripts/install-test-tools
	scripts/with-postgres scripts/with-clamd scripts/with-smtp scripts/with-imap scripts/with-oidc \
		scripts/with-scratch cargo nextest run --workspace --locked
	scripts/fuzz-api
	scripts/try-caldav
	cd e2e && ../scripts/with-postgres ../scripts/with-imap ../scripts/with-oidc npx playwright test

# What the program can do, against yardsticks in the same run; ONLY=pages measures one group.
bench: assets
	scripts/install-test-tools
	cargo build --release --locked -p beffroi -p beffroi-bench
	DURABLE=on scripts/with-postgres "$${CARGO_TARGET_DIR:-target}/release/beffroi-bench" \
		--program "$${CARGO_TARGET_DIR:-target}/release/beffroi" $(addprefix --only ,$(ONLY))

# The demonstration commune at http://localhost:8080. What was done is kept; RESET=1 starts over.
# LISTEN=0.0.0.0:8080 HOST=192.168.1.20 lets others in the network try it at that name.
demo: assets
	cargo run --quiet --locked -p beffroi -- demo --data var/demo --listen $(or $(LISTEN),127.0.0.1:8080) \
		$(addprefix --host ,$(HOST)) $(if $(RESET),--reset)
