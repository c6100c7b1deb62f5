.PHONY: check test

# Formatting and lints, warnings refused.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Everything, on both engines, with a real virus scanner and a real mail server.
test:
	scripts/install-test-tools
	scripts/with-postgres scripts/with-clamd scripts/with-smtp cargo nextest run --workspace --locked
