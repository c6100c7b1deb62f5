//! Looks again at the built assets when they change: new files are embedded without `cargo clean`.

fn main() {
    println!("cargo::rerun-if-changed=../../assets/dist");
    println!("cargo::rerun-if-changed=templates");
}
