//! What is wrong with a form, as every service tells it.

pub use beffroi_web::Problem;
