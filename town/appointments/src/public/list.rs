//! For what one may come to the town hall.

use askama::Template;
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError, render_public};

use crate::{appointment::shown_phone, motive, site, slots};

struct Card {
    href: String,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "appointments_list.html")]
struct List {
    page: Page,
    cards: Vec<Card>,
    /// How to book without the site; `""` where the town has no telephone.
    phone: String,
}

pub(super) async fn list(page: Page, commune: CommuneOf) -> Result {
    let (motives, desks, phone) = commune
        .read(By::VISITOR, |tx| {
            Ok::<_, WebError>((motive::list(tx)?, site::desks(tx)?, Town::load(tx)?.phone))
        })
        .await?;
    let lang = page.language();
    let offered = motives
        .into_iter()
        .filter(|motive| motive.details.active && !slots::places(&desks, motive.id).is_empty());
    let cards = offered
        .map(|motive| Card {
            href: format!("/rendez-vous/{}", motive.details.slug),
            title: motive.details.sheet.name.read_in(lang).to_owned(),
            text: motive.details.sheet.summary.read_in(lang).to_owned(),
        })
        .collect();
    let phone = if phone.is_empty() {
        String::new()
    } else {
        page.tr("appointments-by-phone", &[("phone", shown_phone(&phone).into())])
    };
    render_public(&List { page, cards, phone }, &[])
}
