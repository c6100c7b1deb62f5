.PHONY: check test

# Formatting and lints, warnings refused.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Everything, on both engines.
test:
	scripts/install-test-tools
	scripts/with-postgres cargo nextest run --workspace --locked
