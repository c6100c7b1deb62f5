//! Equipment as the fields of its page, and back. Pure.

use beffroi_calendar::resource::{Kept, Name, STOCK_AT_MOST};
use beffroi_web::{FormPost, Wrong};

/// Equipment as it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What it is called.
    pub name: Name,
    /// How many there are.
    pub stock: u32,
    /// Whether it is lent or booked along.
    pub active: bool,
    /// The choice of the form by which it is asked for; `""` for none, and in rooms.
    pub answer: String,
}

impl Typed {
    /// What is filled in; what is new is in use.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn read(form: &FormPost, is_new: bool) -> Result<Self, Vec<Wrong>> {
        let text = |name: &str| form.text(name).to_owned();
        let name = Name { fr: text("designation"), en: text("designation_en") };
        let stock =
            form.text("nombre").parse::<u32>().ok().filter(|stock| (1..=STOCK_AT_MOST).contains(stock));
        let mut wrong: Vec<Wrong> = Vec::new();
        if !name.is_fit() {
            wrong.push(("designation", "rooms-admin-stock-wrong-name"));
        }
        if stock.is_none() {
            wrong.push(("nombre", "rooms-admin-stock-wrong-count"));
        }
        match stock.filter(|_| wrong.is_empty()) {
            Some(stock) => {
                let active = is_new || form.get("en_service").is_some();
                Ok(Self { name, stock, active, answer: text("choix") })
            }
            None => Err(wrong),
        }
    }

    /// The fields of what there is.
    pub(super) fn fields(kept: &Kept, answer: &str) -> FormPost {
        let details = &kept.details;
        let form = FormPost::default()
            .with("designation", details.name.fr.clone())
            .with("designation_en", details.name.en.clone())
            .with("nombre", details.stock.to_string())
            .with("choix", answer.to_owned());
        if details.active { form.with("en_service", "true".to_owned()) } else { form }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, stock: &str) -> FormPost {
        FormPost::default().with("designation", name.to_owned()).with("nombre", stock.to_owned())
    }

    #[test]
    fn equipment_has_a_name_and_a_number() {
        let read = Typed::read(&form("Barnum 3 × 3", "2"), true).unwrap();
        assert_eq!((read.name.fr.as_str(), read.stock, read.active), ("Barnum 3 × 3", 2, true));
        assert!(!Typed::read(&form("Barnum", "2"), false).unwrap().active, "the box was not ticked");
        for stock in ["", "0", "1001", "deux", "-1"] {
            assert_eq!(Typed::read(&form("", stock), true).unwrap_err().len(), 2, "{stock}");
        }
    }
}
